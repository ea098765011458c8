"""What a finished training is reduced to: results file, artifact and the summary in the termination message."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.admission.licence import licence_warning, read_licence
from trainer.exports.wanted import Wanted
from trainer.methods.conversion import convert
from trainer.methods.names import WHOLE
from trainer.outcome.artifact import export, library_versions, save_adapter, save_model
from trainer.outcome.curve import points
from trainer.outcome.diagnosis import MOST_WARNINGS, Steps, diagnose, diagnose_interventions
from trainer.outcome.finish import Outcome
from trainer.outcome.licence_chain import licence_chain
from trainer.outcome.oci import lineage, push
from trainer.outcome.overfitting import Tried, detect, watched_curve
from trainer.progress.environment import environment
from trainer.progress.samples import choose_rows, make_samples, render_jsonl, render_text
from trainer.stages import of_last_stage
from worker.context import as_before
from worker.failure import WorkerFailure
from worker.result import success
from worker.store import SCHEME, Artifact, artifact_folder, staging, store_root

if TYPE_CHECKING:
    from trainer.recipe import Prepared

# the rest is in experiment_results.json: a termination message is short
TOLD_OF_EXPORTS = ("name", "bytes", "sizeRatio", "topOne", "meanKl", "perplexityRise")


def publish_outcome(
    value: dict[str, Any], prepared: "Prepared", outcome: Outcome
) -> tuple[Artifact, list[dict[str, Any]]]:
    """Publish the adapter, or the whole model, with its reports and exports. Gives the exports too."""
    asked = value["output"]["samples"]
    rows = choose_rows(prepared.rows.curves, asked["prompts"])
    base_model = as_before(value["baseModel"], value["context"])
    samples = make_samples(
        outcome.model, prepared.base, base_model, rows, asked["maxNewTokens"], prepared.settings.seed
    )
    texts = {
        "generated_samples.jsonl": render_jsonl(samples),
        "generated_samples.txt": render_text(samples),
        "mask_preview.txt": prepared.course.preview(prepared.base.tokenizer),
    }
    with staged() as folder:
        return publish_staged(folder, value, prepared, outcome, texts)


@contextmanager
def staged() -> Iterator[Path]:
    """A staging folder that leaves nothing behind: half an artifact would take space from the attempt after it."""
    folder = staging()
    try:
        yield folder
    finally:
        # published, it is no longer there
        shutil.rmtree(folder, ignore_errors=True)


def publish_staged(
    folder: Path, value: dict[str, Any], prepared: "Prepared", outcome: Outcome, texts: dict[str, str]
) -> tuple[Artifact, list[dict[str, Any]]]:
    convert(outcome.model, outcome.first)
    save = save_model if kind_of(prepared) == "model" else save_adapter
    save(outcome.model, prepared.base, folder / kind_of(prepared))
    saved = compare_saved(prepared, outcome, folder / kind_of(prepared))
    exports = make_exports(value, prepared, outcome, folder)
    told = {**results(value, prepared, outcome), "exports": exports, "saved": saved}
    return export(folder, prepared.base, value["run"]["name"], told, texts), exports


def compare_saved(prepared: "Prepared", outcome: Outcome, folder: Path) -> dict[str, Any]:
    """How near what was saved is to the model in memory, of which nothing is asked any more."""
    # only now: it imports torch
    from trainer.exports.reference import choose_prompts
    from trainer.exports.saved import PROMPTS, check_saved

    prompts = choose_prompts(*prepared.curves.values(), prepared.examples, most=PROMPTS)
    return check_saved(outcome.model, folder, prompts).as_dict()


def make_exports(value: dict[str, Any], prepared: "Prepared", outcome: Outcome, folder: Path) -> list[dict[str, Any]]:
    """The exports that the input asks for, with their parity; on a GPU they take the place of the trained model."""
    wanted = Wanted.of(value)
    if not wanted:
        return []
    # only now: it imports torch
    from trainer.exports.reference import PROMPTS, choose_prompts
    from trainer.exports.write import write_exports

    outcome.model.cpu()
    rows = [*chain.from_iterable(prepared.rows.curves.values()), *prepared.rows.train][:PROMPTS]
    return write_exports(
        folder,
        kind_of(prepared),
        prepared.base_model,
        value["training"]["chatTemplate"],
        prepared.base.tokenizer,
        wanted,
        choose_prompts(*prepared.curves.values(), prepared.examples),
        [row.messages[:-1] for row in rows],
    )


def push_artifact(value: dict[str, Any], artifact: Artifact, exports: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Push what was published to the registry of the input, if it names one."""
    if value["oci"] is None:
        return None
    folder = artifact_folder(artifact, "artifact")
    told = json.loads((folder / "experiment_results.json").read_text("utf-8"))
    return push(folder, told["kind"], exports, value["oci"], lineage(told, artifact))


def kind_of(prepared: "Prepared") -> str:
    """What is published, and the folder that it lies in."""
    return "model" if prepared.settings.method.name in WHOLE else "adapter"


def results(value: dict[str, Any], prepared: "Prepared", outcome: Outcome) -> dict[str, Any]:
    """The content of experiment_results.json but for the exports."""
    rows, method = prepared.rows, prepared.settings.method
    return {
        "version": 1,
        "run": value["run"],
        "dataset": value["dataset"],
        "baseModel": value["baseModel"],
        "baseModelRevision": prepared.base.revision,
        "baseModelNote": prepared.base.note,
        "licences": licence_chain(read_licence(value["baseModel"]), artifact_folder(value["dataset"], "dataset")),
        "chatTemplate": {"asked": value["training"]["chatTemplate"], "used": prepared.base.template.name},
        "method": {"asked": value["method"], "name": method.name, "reason": method.reason},
        "kind": kind_of(prepared),
        "context": value["context"],
        "initAdapter": value["initAdapter"],
        "resumeFrom": value["resumeFrom"],
        "lora": value["lora"],
        "settings": prepared.settings.as_dict(),
        "input": value,
        "libraries": library_versions(),
        "environment": environment(),
        "rows": {
            "train": len(prepared.examples),
            **prepared.counts,
            "curves": {name: len(curve) for name, curve in prepared.curves.items()},
            "validation": {name: len(curve) for name, curve in rows.curves.items()},
        },
        "trainableParameters": outcome.trained,
        "final": final(outcome),
        "overfitting": overfitting(prepared, outcome),
        "warnings": warnings(prepared, outcome),
        "interventions": [each.as_dict() for each in prepared.interventions],
        "lastStep": outcome.last_step,
        "history": outcome.history,
    }


def final(outcome: Outcome) -> dict[str, Any]:
    """Figures of the published weights."""
    metrics = outcome.metrics
    return {
        "step": outcome.step,
        "epoch": metrics["epoch"],
        "loss": metrics.get("loss"),
        "evalLoss": metrics.get("eval_loss"),
        "evalRecallLoss": metrics.get("eval_recall_loss"),
        "evalUnseenLoss": metrics.get("eval_unseen_loss"),
        "evalTokenAccuracy": metrics.get("eval_token_accuracy"),
        "perplexity": metrics.get("perplexity"),
    }


def overfitting(prepared: "Prepared", outcome: Outcome) -> dict[str, Any]:
    """The verdict over the whole run: early stopping may have saved the adapter, but the settings are what they are."""
    settings = prepared.settings
    tried = Tried(
        method=settings.method.name,
        rows=len(prepared.examples),
        weight_decay=settings.weight_decay,
        rank=settings.lora.rank,
        dropout=settings.lora.dropout,
        is_unfreezing=settings.method.freeze.is_unfreezing,
        steps_are_given=settings.last_stage.steps_are_given,
        is_stopped_early=settings.early_stopping is not None,
        has_general_rows=any(example.is_general for example in prepared.examples),
    )
    history = of_last_stage(settings.stages, outcome.history)
    return detect(points(history, "loss"), watched_curve(history), tried).as_dict()


def warnings(prepared: "Prepared", outcome: Outcome) -> list[dict[str, str]]:
    """What the figures of the run suffer from, the weightiest first."""
    settings = prepared.settings
    licence = licence_warning(read_licence(prepared.base_model))
    found = [
        *diagnose_interventions(prepared.interventions, settings),
        *prepared.warned,
        *([licence] if licence else []),
        *diagnose(of_last_stage(settings.stages, outcome.history), Steps.of(settings)),
    ]
    return [warned.as_dict() for warned in found[:MOST_WARNINGS]]


def machine_warnings(outcome: Outcome) -> list[dict[str, str]]:
    return [outcome.machine_warning.as_dict()] if outcome.machine_warning else []


def summary(prepared: "Prepared", outcome: Outcome, exports: list[dict[str, Any]]) -> dict[str, Any]:
    """The summary of a train result."""
    method = prepared.settings.method
    place = outcome.checkpoint.relative_to(store_root()).as_posix()
    return {
        **final(outcome),
        "totalSteps": prepared.settings.total_steps,
        "tokensPerSecond": outcome.tokens_per_second,
        "trainableParameters": outcome.trained,
        "method": {"chosen": method.name, "reason": method.reason},
        "learningRate": prepared.settings.learning_rate,
        "startup": prepared.start_up.seconds(),
        "memory": {
            "device": outcome.memory.device,
            "peakBytes": outcome.memory.peak,
            "capacityBytes": outcome.memory.capacity,
        },
        "baseModelRevision": prepared.base.revision,
        "overfitting": overfitting(prepared, outcome),
        "ladder": [each.kind for each in prepared.interventions if each.kind != "RollBack"][:8],
        "warnings": [*machine_warnings(outcome), *warnings(prepared, outcome)][:MOST_WARNINGS],
        "exports": [{name: one[name] for name in TOLD_OF_EXPORTS} for one in exports],
        "checkpoint": {"uri": f"{SCHEME}{place}", "step": int(outcome.checkpoint.name.removeprefix("step-"))},
    }


def told(message: str, artifact: Artifact, summary: dict[str, Any]) -> dict[str, Any]:
    """The result with as many warnings as fit a termination message; experiment_results.json has them all."""
    warned = summary["warnings"]
    for number in range(len(warned), -1, -1):
        try:
            return success("train-result", "Trained", message, artifact, {**summary, "warnings": warned[:number]})
        except WorkerFailure:
            if number == 0:
                raise
    raise AssertionError("there is a last number")
