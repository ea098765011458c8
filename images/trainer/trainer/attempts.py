"""Attempts at a run, each with what those before taught: less memory at a time, or a lower learning rate."""

import gc
import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from trainer.checkpoints.sealed import CHECKPOINTS, newest_valid, remove_from, step_of
from trainer.distributed.ending import start_again
from trainer.distributed.ranks import Ranks
from trainer.outcome.finish import Outcome
from trainer.robustness import ladder, watchdog
from trainer.robustness.interventions import Intervention, adapt_settings, count, load_interventions, save_interventions
from trainer.robustness.ladder import next_rung
from trainer.robustness.rollback import RollBack
from trainer.robustness.watchdog import is_hopeless
from trainer.session import ALONE, run_session, stop_if_asked
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

    Several processes make one attempt: one that ran out of memory has left the others in the middle of a sum. It writes
    down what is done otherwise, and all start again. WorkerFailure `gpuOutOfMemory` or `diverged` when no further
    attempt would help.
    """
    while True:
        # a store over the network may show some processes less of what one of them wrote
        done = ranks.longest(load_interventions(folder))
        prepared = adapt(prepare(), done)
        settings = prepared.settings
        stop_if_asked(termination, folder, ranks)
        try:
            return prepared, run_session(prepared, folder, reporter, termination)
        except torch.OutOfMemoryError as error:
            following = give_up_memory(settings, done, saved_step(folder), str(error).split(". ")[0])
        except RollBack as error:
            following = go_back(settings, done, folder, error, ranks)
        save_interventions(folder, [*done, following])
        log.warning("trying again with a change", extra=following.as_dict())
        if not ranks.is_alone:
            raise start_again(following)
        # the weights of the failed attempt, before those of the next one are loaded
        del prepared
        gc.collect()
        torch.cuda.empty_cache()


def adapt(prepared: "Prepared", done: list[Intervention]) -> "Prepared":
    return replace(prepared, settings=adapt_settings(prepared.settings, done), interventions=tuple(done))


def give_up_memory(settings: Settings, done: list[Intervention], step: int, cause: str) -> Intervention:
    """The next rung of the ladder. WorkerFailure `gpuOutOfMemory` at its end."""
    kind = next_rung(settings)
    if kind is None:
        raise WorkerFailure("gpuOutOfMemory", "GpuOutOfMemory", ladder.complaint(settings, done, cause))
    return Intervention(kind, step, cause)


def go_back(
    settings: Settings, done: list[Intervention], folder: Path, error: RollBack, ranks: Ranks = ALONE
) -> Intervention:
    """Forget what was saved since the trouble began. WorkerFailure `diverged` when that was done often enough.

    All processes judge the same loss and gradient, so all of them come here.
    """
    rollbacks = count(done, "RollBack")
    if is_hopeless(error.trouble, rollbacks, settings.watchdog):
        message = watchdog.complaint(error.trouble, error.step, error.rows, rollbacks)
        raise WorkerFailure("diverged", error.trouble, message)
    step = None
    if ranks.is_main:
        remove_from(folder / CHECKPOINTS, error.first_step)
        step = saved_step(folder)
    return Intervention("RollBack", ranks.of_main(step), str(error))


def saved_step(folder: Path) -> int:
    saved = newest_valid(folder / CHECKPOINTS)
    return step_of(saved) if saved else 0
