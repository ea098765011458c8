"""Attempts at a run, each with what those before taught: less memory at a time, or a lower learning rate."""

import gc
import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from trainer.checkpoints.sealed import CHECKPOINTS, newest_valid, remove_from, step_of
from trainer.distributed.ranks import Ranks
from trainer.outcome.finish import Outcome
from trainer.robustness import ladder, watchdog
from trainer.robustness.interventions import Intervention, adapt_settings, count, load_interventions, save_interventions
from trainer.robustness.ladder import next_rung
from trainer.robustness.rollback import RollBack
from trainer.robustness.watchdog import is_hopeless
from trainer.session import run_session, stop_if_asked
from trainer.settings import Settings
from worker.failure import WorkerFailure
from worker.progress import Reporter
from worker.termination import Termination

if TYPE_CHECKING:
    from collections.abc import Callable

    from trainer.recipe import Prepared

log = logging.getLogger("trainer")


def train_to_the_end(
    prepare: "Callable[[], Prepared]", ranks: Ranks, folder: Path, reporter: Reporter, termination: Termination
) -> tuple["Prepared", Outcome]:
    """The finished training, with what it was prepared with in the end. `prepare` is called for each attempt.

    Several processes make one attempt, and name what a single one would have tried. WorkerFailure `gpuOutOfMemory` or
    `diverged` when no further one would help.
    """
    while True:
        done = load_interventions(folder)
        prepared = adapt(prepare(), done)
        settings = prepared.settings
        stop_if_asked(termination, folder, ranks)
        try:
            return prepared, run_session(prepared, folder, reporter, termination)
        except torch.OutOfMemoryError as error:
            following = give_up_memory(settings, done, saved_step(folder), str(error).split(". ")[0])
        except RollBack as error:
            following = go_back(settings, done, folder, error, is_allowed=ranks.is_alone)
        save_interventions(folder, [*done, following])
        log.warning("trying again with a change", extra=following.as_dict())
        # the weights of the failed attempt, before those of the next one are loaded
        del prepared
        gc.collect()
        torch.cuda.empty_cache()


def adapt(prepared: "Prepared", done: list[Intervention]) -> "Prepared":
    return replace(prepared, settings=adapt_settings(prepared.settings, done), interventions=tuple(done))


def give_up_memory(settings: Settings, done: list[Intervention], step: int, cause: str) -> Intervention:
    """The next rung of the ladder. WorkerFailure `gpuOutOfMemory` at its end."""
    # several processes would have to agree on it
    kind = next_rung(settings) if settings.world_size == 1 else None
    if kind is None:
        raise WorkerFailure("gpuOutOfMemory", "GpuOutOfMemory", ladder.complaint(settings, done, cause))
    return Intervention(kind, step, cause)


def go_back(
    settings: Settings, done: list[Intervention], folder: Path, error: RollBack, *, is_allowed: bool
) -> Intervention:
    """Forget what was saved since the trouble began. WorkerFailure `diverged` when that was done often enough."""
    rollbacks = count(done, "RollBack")
    if not is_allowed or is_hopeless(error.trouble, rollbacks, settings.watchdog):
        message = watchdog.complaint(error.trouble, error.step, error.rows, rollbacks)
        raise WorkerFailure("diverged", error.trouble, message)
    remove_from(folder / CHECKPOINTS, error.first_step)
    return Intervention("RollBack", saved_step(folder), str(error))


def saved_step(folder: Path) -> int:
    saved = newest_valid(folder / CHECKPOINTS)
    return step_of(saved) if saved else 0
