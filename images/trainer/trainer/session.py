"""One attempt at a run: from its newest checkpoint, or from the start, to its end or to SIGTERM."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
import transformers

from trainer.checkpoints import CHECKPOINTS, newest_valid, resume_point, step_of
from trainer.data import encode_curves
from trainer.diagnosis import Warned
from trainer.distributed.ending import stopped
from trainer.distributed.ranks import Ranks
from trainer.early_stopping import EarlyStoppingCallback
from trainer.guard import GuardCallback, StoppedBetweenBatches
from trainer.loop import AnswerTrainer, ResumeCallback
from trainer.memory import Memory, read_memory
from trainer.meter import make_meter
from trainer.methods.adalora import AdaLoraCallback, keep_all_ranks
from trainer.methods.apply import apply_method
from trainer.methods.conversion import convert, first_weights
from trainer.methods.freeze import UnfreezeCallback
from trainer.methods.names import ADALORA, FREEZE
from trainer.methods.trained import trained_share
from trainer.reporting import ReportCallback
from trainer.rollback import WatchdogCallback
from trainer.schedule import check_schedule
from trainer.settings import Settings
from worker.failure import WorkerFailure
from worker.progress import Reporter
from worker.termination import Termination

if TYPE_CHECKING:
    import torch

    from trainer.recipe import Prepared

log = logging.getLogger("trainer")

ALONE = Ranks()


@dataclass(frozen=True)
class Outcome:
    """A finished training, which ended at `last_step`; `model` has the weights of `step`, which are to be published.

    `history` has an entry per step and per evaluation, each of some validation rows; `validation` has the figures of
    the published weights on all of them.
    """

    model: "torch.nn.Module"
    step: int
    last_step: int
    history: list[dict[str, Any]]
    validation: dict[str, float]
    tokens_per_second: float | None
    memory: Memory
    checkpoint: Path
    trained: dict[str, Any]
    # of the machine, which decides nothing and so stays out of the artifact
    machine_warning: Warned | None = None

    @property
    def metrics(self) -> dict[str, float]:
        """The newest value of each metric at `step`."""
        newest: dict[str, float] = {}
        for entry in self.history:
            if entry["step"] <= self.step:
                newest |= entry
        return newest | self.validation


def run_session(prepared: "Prepared", folder: Path, reporter: Reporter, termination: Termination) -> Outcome:
    """Train to the end. WorkerFailure `preemptedSaved` or `preemptedUnsaved` on SIGTERM."""
    checkpoints = folder / CHECKPOINTS
    checkpoints.mkdir(exist_ok=True)
    settings, ranks = prepared.settings, prepared.ranks
    check_schedule(settings, bool(prepared.curves))
    # before the adapter, whose first weights are random
    transformers.set_seed(settings.seed)
    marks = prepared.base.template.marks
    model = apply_method(prepared.base.model, settings.method, settings.total_steps, marks)
    first = first_weights(model, settings.lora.init)
    trainer = AnswerTrainer(
        model, prepared.base.tokenizer, settings, prepared.examples, prepared.curves, checkpoints, termination, ranks
    )
    meter = make_meter(trainer)
    report = ReportCallback(
        reporter, folder, settings.logging_steps, lambda: trainer.tokens, lambda: trainer.checkpoint_seconds, meter
    )
    trainer.stall.on_beat = report.beat
    # one of them looks: what they go on from must be the same
    checkpoint = ranks.of_main(resume_point(checkpoints) if ranks.is_main else None)
    stopping = add_callbacks(trainer, prepared, report, checkpoint)
    if checkpoint and stopping:
        stopping.load(checkpoint)
    if checkpoint:
        termination.is_saved = True
        log.info("going on from a checkpoint", extra={"step": step_of(checkpoint)})
    if checkpoint and is_finished(checkpoint, settings.total_steps, stopping):
        trainer._load_from_checkpoint(str(checkpoint), model)
        trainer.state = transformers.TrainerState.load_from_json(str(checkpoint / "trainer_state.json"))
    else:
        run_training(trainer, checkpoint, folder)
    stop_if_asked(termination, folder, ranks)
    outcome = finish(trainer, stopping, report, prepared)
    stop_if_asked(termination, folder, ranks)
    convert(outcome.model, first)
    if settings.method.name == ADALORA:
        keep_all_ranks(outcome.model)
    return outcome


def add_callbacks(
    trainer: AnswerTrainer, prepared: "Prepared", report: ReportCallback, checkpoint: Path | None
) -> EarlyStoppingCallback | None:
    """Early stopping first, so that the guard and the report see its decision."""
    is_evaluated = bool(prepared.curves)
    stopping = EarlyStoppingCallback(prepared.settings.early_stopping) if is_evaluated else None
    if stopping:
        trainer.add_callback(stopping)
        trainer.savers.append(stopping.save)
    watchdog = WatchdogCallback(trainer, prepared.settings.watchdog)
    trainer.add_callback(watchdog)
    trainer.savers.append(watchdog.save)
    if checkpoint:
        watchdog.load(checkpoint)
    # after the watchdog, which drops the gradient of a step that is left out
    add_method_callback(trainer, prepared.settings)
    trainer.add_callback(GuardCallback(trainer.termination, trainer.ranks, is_evaluated))
    if trainer.ranks.is_main:
        trainer.add_callback(report)
    trainer.add_callback(ResumeCallback(trainer))
    return stopping


def add_method_callback(trainer: AnswerTrainer, settings: Settings) -> None:
    """What a method does in each step, and what it leaves in a checkpoint."""
    method = settings.method
    if method.name == ADALORA:
        callback = AdaLoraCallback(trainer.model, lambda: trainer.is_step_skipped)
        trainer.savers.append(callback.save)
        trainer.loader = callback.load
        trainer.add_callback(callback)
    if method.name == FREEZE and method.freeze.unfreeze_steps:
        trainer.add_callback(UnfreezeCallback(trainer, method.freeze))


def is_finished(checkpoint: Path, total_steps: int, stopping: EarlyStoppingCallback | None) -> bool:
    """Whether the checkpoint is the last one of its run, whose artifact a killed attempt did not publish any more."""
    return step_of(checkpoint) >= total_steps or (stopping is not None and stopping.verdict.has_stopped)


def run_training(trainer: AnswerTrainer, checkpoint: Path | None, folder: Path) -> None:
    try:
        with trainer.stall:
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


def finish(
    trainer: AnswerTrainer, stopping: EarlyStoppingCallback | None, report: ReportCallback, prepared: "Prepared"
) -> Outcome:
    """Take up the best weights and measure them on all validation rows, of which the curves had some."""
    ranks = trainer.ranks
    last = ranks.of_main(newest_valid(trainer.checkpoints) if ranks.is_main else None)
    if last is None:
        raise WorkerFailure("export", "NoCheckpoint", "the last checkpoint cannot be read back from the store")
    last_step = step = trainer.state.global_step
    if stopping:
        stopping.restore_best(trainer.model)
        step = stopping.verdict.best_step
    settings = prepared.settings
    everything = encode_curves(prepared.base.tokenizer, prepared.rows, settings.max_length, settings.truncation)
    validation = trainer.measure(everything) if everything else {}
    model = trainer.model
    if prepared.settings.sharing.has_sharded_weights and ranks.is_main:
        model = prepared.whole_model(last)
        if stopping:
            stopping.restore_best(model)
    return Outcome(
        model=model,
        step=step,
        last_step=last_step,
        history=trainer.state.log_history,
        validation=validation,
        tokens_per_second=report.tokens_per_second,
        memory=read_memory(),
        checkpoint=last,
        trained=trained_share(model),
        machine_warning=report.meter.warning,
    )
