"""`resumeFrom`: a run that goes on from a checkpoint of another run of the same inputs, with its optimizer and place.

The checkpoint becomes one of this run before its first step; from then on it is a run that was interrupted.
"""

import json
import logging
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.checkpoints.run_state import FILE as RUN_FILE
from trainer.checkpoints.same_adapter import CONFIG_FILE, difference
from trainer.checkpoints.sealed import CHECKPOINTS, COMPLETE, is_valid, list_checkpoints, seal, step_of
from trainer.distributed.world import FILE as WORLD_FILE
from trainer.robustness.early_stopping import judge_anew
from worker.digests import CHECKSUM_FILE
from worker.failure import WorkerFailure
from worker.store import store_root

if TYPE_CHECKING:
    from peft import PeftModel

log = logging.getLogger("trainer")

# what must be the same, in words and with what helps
REMEDIES = {
    "dataset": "name a run on the same dataset, or use spec.initAdapterFrom to go on with new data",
    "baseModel": "give the same spec.baseModel, or leave resumeFrom out",
    "method": "give the same spec.method, or leave resumeFrom out",
    "precision": "give the same training.precision, or leave resumeFrom out",
    # the state of an optimizer means nothing to another one
    "optimizer": "give the same training.optimizer, or leave resumeFrom out",
    "rates": "give lora.plusRatio where it is given there and only there, or leave resumeFrom out",
}
# what older versions did not write down; whatever it was, this run is not refused for it
LATER = ("optimizer", "rates")


def adopt(folder: Path, asked: dict[str, Any] | None, total_steps: int, rows_a_step: int, keep: int) -> None:
    """Take over the checkpoint that is asked for, if the run in `folder` has none of its own yet.

    WorkerFailure `config` for a run that is not there or is done, `data` for one of other inputs.
    """
    checkpoints = folder / CHECKPOINTS
    if asked is None or list_checkpoints(checkpoints):
        return
    source = store_root() / "runs" / asked["run"]
    checkpoint = choose(source, asked["step"])
    check_inputs(source, folder, rows_a_step)
    step = step_of(checkpoint)
    if step >= total_steps:
        raise _unfit(
            "config",
            f"its checkpoint is of step {step} and this run has {total_steps}: raise training.epochs, or maxSteps",
        )
    copied = checkpoints / "adopted"
    shutil.rmtree(copied, ignore_errors=True)
    # what seals it there would be wrong here
    shutil.copytree(checkpoint, copied, ignore=shutil.ignore_patterns(CHECKSUM_FILE, COMPLETE))
    # it may be the last one of a run that stopped early
    judge_anew(copied)
    seal(copied, checkpoints, step, keep)
    log.info("going on from another run", extra={"run": asked["run"], "step": step})


def choose(source: Path, step: int | None) -> Path:
    """The checkpoint of a step, or the newest whole one."""
    known = [each for each in list_checkpoints(source / CHECKPOINTS) if step is None or step_of(each) == step]
    chosen = next((each for each in known if is_valid(each)), None)
    if chosen is None:
        steps = ", ".join(str(step_of(each)) for each in list_checkpoints(source / CHECKPOINTS)) or "none"
        what = "whole checkpoint" if step is None else f"whole checkpoint of step {step}"
        raise WorkerFailure(
            "config",
            "ResumeFromNotFound",
            f'resumeFrom: run "{source.name}" has no {what} in the store of this namespace (steps: {steps}): correct '
            "spec.resumeFrom, whose run is status.run.id of a FineTuneJob",
        )
    return chosen


def check_inputs(source: Path, folder: Path, rows_a_step: int) -> None:
    """WorkerFailure `data` for a run that was begun with other inputs than the one in `folder`."""
    theirs, own = (json.loads((place / RUN_FILE).read_text("utf-8")) for place in (source, folder))
    for name, remedy in REMEDIES.items():
        if name in LATER and not (name in theirs and name in own):
            continue
        if theirs.get(name) != own[name]:
            begun = f'run "{source.name}" was begun with "{theirs.get(name)}" and this one with "{own[name]}"'
            raise _unfit("data", f"{begun}: {remedy}")
    rows = json.loads((source / WORLD_FILE).read_text("utf-8"))["rowsAStep"]
    if rows != rows_a_step:
        raise _unfit(
            "data",
            f'run "{source.name}" has {rows} rows a step and this one {rows_a_step}: set training.perDeviceBatchSize '
            "and gradientAccumulationSteps as there",
        )


def check_adapter(checkpoint: Path, model: "PeftModel") -> None:
    """WorkerFailure `data` for a checkpoint whose adapter is made otherwise, naming the fields that differ."""
    if not (checkpoint / CONFIG_FILE).is_file() or not hasattr(model, "peft_config"):
        return
    other = difference(checkpoint, model, "of the checkpoint")
    if other:
        raise _unfit("data", other)


def _unfit(code: str, what: str) -> WorkerFailure:
    return WorkerFailure(code, "ResumeFromUnfit", f"resumeFrom: {what}")
