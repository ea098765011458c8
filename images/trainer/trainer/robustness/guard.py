"""Stops a run that diverges or that is told to stop."""

import math

from transformers import TrainerCallback

from trainer.distributed.ranks import Ranks
from worker.failure import WorkerFailure
from worker.termination import Termination


class StoppedBetweenBatches(Exception):
    """SIGTERM came while gradients were being accumulated: they are dropped, the step is done again after a restart."""


class GuardCallback(TrainerCallback):
    """Asks for SIGTERM, of any process, after each batch and for the loss after each step; saves at the last step."""

    def __init__(self, termination: Termination, ranks: Ranks) -> None:
        self.termination = termination
        self.ranks = ranks

    def on_substep_end(self, args, state, control, **_) -> None:
        if self.ranks.any(self.termination.is_requested):
            raise StoppedBetweenBatches

    def on_step_end(self, args, state, control, **_) -> None:
        if self.ranks.any(self.termination.is_requested) or state.global_step >= state.max_steps:
            control.should_save = True
            control.should_training_stop = True

    def on_evaluate(self, args, state, control, metrics=None, **_) -> None:
        loss = metrics["eval_loss"]
        if not math.isfinite(loss):
            raise WorkerFailure(
                "diverged",
                "LossNotFinite",
                f"the loss on validation rows is {loss} at step {state.global_step}, while that of training is "
                "finite: look at the validation rows, or lower training.learningRate",
            )
