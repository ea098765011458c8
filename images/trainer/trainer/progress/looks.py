"""When the validation rows are looked at while a run goes on."""

from collections.abc import Sequence
from typing import Any

from transformers import TrainerCallback

from trainer.stages import Stage, is_looked_at


def has_look(history: list[dict[str, Any]], step: int) -> bool:
    """Whether the validation rows were looked at after a step: SIGTERM cuts a look off."""
    return any("eval_loss" in entry for entry in history if entry["step"] == step)


class LookCallback(TrainerCallback):
    """Asks for a look after each step that has one in its stage; the Trainer would space them by the run as a whole."""

    def __init__(self, stages: Sequence[Stage]) -> None:
        self.stages = stages

    def on_step_end(self, args, state, control, **_) -> None:
        control.should_evaluate = is_looked_at(self.stages, state.global_step)
