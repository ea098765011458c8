"""The one result of a pod, from those of its processes. Pure but for a look at the checkpoints of the run."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.checkpoints.sealed import CHECKPOINTS, newest_valid, step_of
from worker.failure import WorkerFailure, exit_code
from worker.result import failure

if TYPE_CHECKING:
    # it takes all of the settings with it, which the launcher has no use for
    from trainer.robustness.interventions import Intervention

# of a process after which all start again with less memory at a time, or from an earlier checkpoint
ADAPTED, ROLLED_BACK = "MemoryAdapted", "RolledBack"


@dataclass(frozen=True)
class Ending:
    """How a process ended: `result` is None when it was killed before it could say anything."""

    has_started: bool
    result: dict[str, Any] | None

    @property
    def code(self) -> int | None:
        return None if self.result is None else self.result["exitCode"]


def choose(endings: Sequence[Ending], was_asked_to_stop: bool, folder: Path) -> dict[str, Any]:
    """The result of the process that is to blame, if one is; else the good one; else that of one that stopped.

    Before all of them that of a process which wrote down what the next attempt does otherwise: whatever else there is
    to tell comes again then, and what the others said or left unsaid followed from its end.
    """
    secondary = [exit_code(kind) for kind in ("preemptedSaved", "preemptedUnsaved", "peerLost")]
    results = [ending.result for ending in endings if ending.result is not None]
    changed = [result for result in results if result["reason"] in (ADAPTED, ROLLED_BACK)]
    culprits = [result for result in results if result["exitCode"] not in (0, *secondary)]
    if changed or culprits:
        return [*changed, *culprits][0]
    if len(results) == len(endings) and not any(result["exitCode"] for result in results):
        return results[0]
    if was_asked_to_stop:
        return failure(stopped(folder))
    if any(ending.has_started and ending.result is None for ending in endings):
        return failure(killed())
    if not results:
        return failure(unmet())
    return min((result for result in results if result["exitCode"] != 0), key=lambda result: result["exitCode"])


def stopped(folder: Path) -> WorkerFailure:
    """SIGTERM came; a checkpoint of any attempt counts as saved."""
    saved = newest_valid(folder / CHECKPOINTS)
    if saved is None:
        return WorkerFailure(
            "preemptedUnsaved", "PreemptedUnsaved", "stopped before the first step was saved: start again"
        )
    return WorkerFailure(
        "preemptedSaved", "PreemptedSaved", f"stopped after step {step_of(saved)} was saved: start again"
    )


def start_again(following: "Intervention") -> WorkerFailure:
    """How a process of several ends after it wrote down what all of them do otherwise in the next attempt."""
    if following.kind == "RollBack":
        reason, what = ROLLED_BACK, "goes back to the checkpoint of step {} with half the learning rate"
    else:
        reason, what = ADAPTED, f"goes on after step {{}} with {SAYINGS[following.kind]}"
    message = f"the run {what.format(following.step)}, for which all of its processes start again: {following.cause}"
    return WorkerFailure("peerLost", reason, message)


SAYINGS = {"MicroBatch": "smaller batches", "GradientCheckpointing": "gradient checkpointing"}


def killed() -> WorkerFailure:
    return WorkerFailure(
        "internal",
        "ProcessKilled",
        "a process of the pod was killed from outside, most often since memory ran out: raise resources.memory, or "
        "lower training.perDeviceBatchSize",
    )


def unmet() -> WorkerFailure:
    return WorkerFailure(
        "unavailable",
        "PeersNotReached",
        "the processes of the run did not come together: see whether all of its pods are scheduled, and whether a "
        "network policy keeps them apart",
    )
