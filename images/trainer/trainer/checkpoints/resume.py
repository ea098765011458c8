"""What a run does before its first step, and between two steps, to go on later as if nothing had been."""

import logging
from typing import TYPE_CHECKING

from transformers import TrainerCallback, set_seed

from trainer.optimization.schedule import go_on_with, scale
from trainer.progress.looks import has_look
from trainer.stages import is_looked_at

if TYPE_CHECKING:
    from trainer.optimization.loop import AnswerTrainer

log = logging.getLogger("trainer")


class ResumeCallback(TrainerCallback):
    """Evaluates before the first step, makes up for an evaluation that SIGTERM cut off, and keeps the random state."""

    def __init__(self, trainer: "AnswerTrainer", *, is_of_another_run: bool) -> None:
        """`is_of_another_run`: whether the run began with a checkpoint of another one, made at other rates."""
        self.trainer = trainer
        self.is_of_another_run = is_of_another_run

    def on_train_begin(self, args, state, control, **_) -> None:
        if self.is_of_another_run:
            go_on_with(self.trainer.lr_scheduler, self.trainer.begun)
        scale(self.trainer.lr_scheduler, self.trainer.settings.learning_rate_scale)
        self.trainer.start_up.done("adapter")
        # DeepSpeed takes a step of the optimizer with each backward pass that ends one
        is_rehearsed = not (self.trainer.settings.sharing.strategy or "").startswith("ZeRO")
        if state.global_step < state.max_steps and is_rehearsed:
            self.trainer.rehearse()
            self.trainer.start_up.done("rehearsal")
        step = state.global_step
        if not self.trainer.ranks.is_alone:
            # else all processes would drop the same units; the state of a checkpoint takes this one's place
            set_seed(args.seed + self.trainer.ranks.rank)
        trained = (entry["tokens"] for entry in reversed(state.log_history) if "tokens" in entry)
        # a run that goes back does so in the same process
        self.trainer.tokens_before = next(trained, 0) - int(self.trainer.ranks.sum([self.trainer.own_tokens])[0])
        is_due = is_looked_at(self.trainer.settings.stages, step)
        if is_due and not has_look(state.log_history, step) and self.trainer.validation:
            self.trainer.evaluate()
            self.trainer.start_up.done("validation")

    def on_step_begin(self, args, state, control, **_) -> None:
        self.trainer.is_step_skipped = False

    def on_pre_optimizer_step(self, args, state, control, **_) -> None:
        self.trainer.is_step_whole = False

    def on_step_end(self, args, state, control, **_) -> None:
        self.trainer.end_step()
        self.trainer.counts.end_step()
        self.end_start_up()

    def end_start_up(self) -> None:
        start_up = self.trainer.start_up
        if not start_up.is_over:
            start_up.done("firstStep")
            log.info("first step done", extra={"seconds": start_up.total, "phases": start_up.seconds()})
