"""What takes part in each step of a run, in the order in which it has to."""

from pathlib import Path
from typing import TYPE_CHECKING

from trainer.borders import BorderCallback
from trainer.checkpoints.resume import ResumeCallback
from trainer.methods.adalora import AdaLoraCallback
from trainer.methods.freeze import UnfreezeCallback
from trainer.methods.names import ADALORA, FREEZE
from trainer.optimization.loop import AnswerTrainer
from trainer.progress.attention_probe import AttentionProbe
from trainer.progress.looks import LookCallback
from trainer.progress.reporting import ReportCallback
from trainer.robustness.early_stopping import EarlyStoppingCallback
from trainer.robustness.guard import GuardCallback
from trainer.robustness.rollback import WatchdogCallback
from trainer.settings import Settings

if TYPE_CHECKING:
    from trainer.recipe import Prepared


def add_callbacks(
    trainer: AnswerTrainer, prepared: "Prepared", report: ReportCallback, checkpoint: Path | None
) -> EarlyStoppingCallback | None:
    """Early stopping first, so that the guard and the report see its decision."""
    is_evaluated = bool(prepared.curves)
    settings = prepared.settings
    first_step = settings.last_stage.first_step
    stopping = EarlyStoppingCallback(settings.early_stopping, first_step) if is_evaluated else None
    if stopping:
        trainer.add_callback(LookCallback(settings.stages))
        trainer.add_callback(stopping)
        trainer.savers.append(stopping.save)
    watchdog = WatchdogCallback(trainer, settings.watchdog)
    trainer.add_callback(watchdog)
    trainer.savers.append(watchdog.save)
    if checkpoint:
        watchdog.load(checkpoint)
    # after the watchdog, which drops the gradient of a step that is left out
    add_method_callback(trainer, settings)
    trainer.add_callback(border := BorderCallback(trainer))
    trainer.savers.append(border.save)
    if checkpoint:
        border.check(checkpoint)
    trainer.add_callback(GuardCallback(trainer.termination, trainer.ranks))
    if trainer.ranks.is_main:
        trainer.add_callback(report)
    # each process has the whole model, else the run was refused: one of them looks, and asks nothing of the others
    if settings.is_attention_probed and is_evaluated and trainer.ranks.is_main:
        trainer.add_callback(AttentionProbe(trainer, report.events))
    trainer.add_callback(ResumeCallback(trainer, is_of_another_run=prepared.resume_from is not None))
    return stopping


def add_method_callback(trainer: AnswerTrainer, settings: Settings) -> None:
    """What a method does in each step, and what it leaves in a checkpoint."""
    method = settings.method
    if method.name == ADALORA:
        callback = AdaLoraCallback(trainer.model, lambda: trainer.is_step_skipped)
        trainer.savers.append(callback.save)
        trainer.loader = callback.load
        trainer.add_callback(callback)
    if method.name == FREEZE and method.freeze.is_unfreezing:
        trainer.add_callback(UnfreezeCallback(trainer, method.freeze))
