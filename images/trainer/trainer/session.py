"""One attempt at a run: from its newest checkpoint, or from the start, to its end or to SIGTERM."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch
import transformers

from trainer.checkpoints.init_adapter import start_from
from trainer.checkpoints.resume_from import adopt, check_adapter
from trainer.checkpoints.sealed import CHECKPOINTS, resume_point, step_of
from trainer.distributed.ending import stopped
from trainer.distributed.ranks import Ranks, sums_need_memory
from trainer.methods.adalora import keep_all_ranks
from trainer.methods.apply import apply_method
from trainer.methods.conversion import convert, first_weights
from trainer.methods.loftq import LOFTQ, start_at_error
from trainer.methods.names import ADALORA
from trainer.optimization.callbacks import add_callbacks
from trainer.optimization.loop import AnswerTrainer
from trainer.optimization.machinery import set_up
from trainer.optimization.schedule import check_schedule
from trainer.outcome.finish import Outcome, finish
from trainer.progress.looks import has_look
from trainer.progress.meter import make_meter
from trainer.progress.reporting import ReportCallback
from trainer.robustness.early_stopping import EarlyStoppingCallback
from trainer.robustness.guard import StoppedBetweenBatches
from trainer.robustness.interventions import figures
from worker.progress import Reporter
from worker.termination import Termination

if TYPE_CHECKING:
    from trainer.recipe import Prepared

log = logging.getLogger("trainer")

ALONE = Ranks()


def run_session(prepared: "Prepared", folder: Path, reporter: Reporter, termination: Termination) -> Outcome:
    """Train to the end. WorkerFailure `preemptedSaved` or `preemptedUnsaved` on SIGTERM."""
    checkpoints = folder / CHECKPOINTS
    checkpoints.mkdir(exist_ok=True)
    settings, ranks = prepared.settings, prepared.ranks
    # rows to look at may all be longer than rows may be
    check_schedule(settings.scheduler, bool(prepared.curves))
    set_up(settings.machinery)
    # before the adapter, whose first weights are random
    transformers.set_seed(settings.seed)
    marks = prepared.base.template.marks
    model = apply_method(prepared.base.model, settings.method, settings.total_steps, marks)
    if prepared.init_adapter:
        start_from(model, prepared.init_adapter)
    if settings.lora.init == LOFTQ:
        start_at_error(model, prepared.base_of_files(), settings.seed)
    first = first_weights(model, settings.lora.init)
    trainer = AnswerTrainer(
        model, prepared.base.tokenizer, settings, prepared.course, prepared.curves, checkpoints, termination, ranks
    )
    meter = make_meter(trainer)
    report = ReportCallback(
        reporter,
        folder,
        settings.logging_steps,
        lambda: trainer.tokens,
        lambda: trainer.checkpoint_seconds,
        meter,
        prepared.start_up,
        figures(list(prepared.interventions), settings),
    )
    trainer.stall.on_beat = report.beat
    trainer.start_up = prepared.start_up
    if ranks.is_main:
        adopt(folder, prepared.resume_from, settings.total_steps, settings.rows_a_step, settings.checkpoints_kept)
    # one of them looks: what they go on from must be the same
    checkpoint = ranks.of_main(resume_point(checkpoints) if ranks.is_main else None)
    stopping = add_callbacks(trainer, prepared, report, checkpoint)
    if checkpoint and stopping:
        stopping.load(checkpoint)
    if checkpoint:
        check_adapter(checkpoint, model)
        termination.is_saved = True
        log.info("going on from a checkpoint", extra={"step": step_of(checkpoint)})
    state = transformers.TrainerState.load_from_json(str(checkpoint / "trainer_state.json")) if checkpoint else None
    if state and is_finished(state, settings.total_steps, stopping):
        trainer._load_from_checkpoint(str(checkpoint), model)
        trainer.state = state
    else:
        # steps tell of themselves, and one that hangs must fall silent
        with reporter.repeating(False):
            run_training(trainer, checkpoint, folder)
    stop_if_asked(termination, folder, ranks)
    outcome = finish(trainer, stopping, report, prepared)
    stop_if_asked(termination, folder, ranks)
    if settings.lora.init == LOFTQ:
        # on 4 bits it answers as it was trained only until it is converted
        outcome = replace(outcome, first=first)
    else:
        convert(outcome.model, first)
    if settings.method.name == ADALORA:
        keep_all_ranks(outcome.model)
    return outcome


def is_finished(state: transformers.TrainerState, total_steps: int, stopping: EarlyStoppingCallback | None) -> bool:
    """Whether a run came to its end, its last look included, and was killed before its artifact was published."""
    if stopping is None:
        return state.global_step >= total_steps
    is_at_end = state.global_step >= total_steps and has_look(state.log_history, state.global_step)
    return is_at_end or stopping.verdict.has_stopped


def run_training(trainer: AnswerTrainer, checkpoint: Path | None, folder: Path) -> None:
    try:
        with trainer.stall, sums_need_memory():
            trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    except StoppedBetweenBatches:
        trainer.save_now()
    except torch.OutOfMemoryError:
        trainer.save_before_retry()
        raise
    stop_if_asked(trainer.termination, folder, trainer.ranks)


def stop_if_asked(termination: Termination, folder: Path, ranks: Ranks = ALONE) -> None:
    """WorkerFailure when SIGTERM came, to whichever process."""
    if ranks.any(termination.is_requested):
        raise stopped(folder)
