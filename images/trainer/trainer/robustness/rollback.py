"""Carries out what the watchdog decides: skips steps, and ends an attempt that has to go back."""

import json
import logging
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from transformers import TrainerCallback

from trainer.robustness.watchdog import Limits, Trouble, Watch, judge
from trainer.stages import borders

if TYPE_CHECKING:
    from trainer.optimization.loop import AnswerTrainer

log = logging.getLogger("trainer")

FILE = "watchdog.json"


class RollBack(Exception):
    """The run must go back before `first_step`, where the trouble began; `rows` are the ids of those of `step`."""

    def __init__(self, trouble: Trouble, step: int, first_step: int, rows: list[str]) -> None:
        super().__init__(f"{trouble} at step {step}")
        self.trouble = trouble
        self.step = step
        self.first_step = first_step
        self.rows = rows


class WatchdogCallback(TrainerCallback):
    """Judges each step before its gradient is used; what it remembers goes into checkpoints."""

    def __init__(self, trainer: "AnswerTrainer", limits: Limits) -> None:
        self.trainer = trainer
        self.limits = limits
        self.borders = borders(trainer.settings.stages)
        self.watch = Watch()

    def on_pre_optimizer_step(self, args, state, control, **_) -> None:
        step = state.global_step + 1
        if state.global_step in self.borders:
            # the losses of a new stage are on another level
            self.watch = replace(self.watch, losses=())
        # in fp16 a gradient that overflows is a matter of its scale, which is lowered then
        norm = None if args.fp16 else self.trainer.gradient_norm
        self.watch, decision = judge(self.watch, self.trainer.loss_of_all(), norm, self.limits)
        if decision.trouble is None:
            return
        rows = self.trainer.rows_of(step)
        known = {"step": step, "trouble": decision.trouble, "rows": rows[:16], "action": decision.action}
        log.warning("troubled step", extra=known)
        if decision.action == "rollBack":
            raise RollBack(decision.trouble, step, step - decision.steps + 1, rows)
        self.trainer.skip_step()

    def save(self, folder: Path) -> None:
        (folder / FILE).write_text(json.dumps(asdict(self.watch)), "utf-8")

    def load(self, folder: Path) -> None:
        """Take up what `save` left in a checkpoint; one of an older version has nothing."""
        if (folder / FILE).is_file():
            known = json.loads((folder / FILE).read_text("utf-8"))
            self.watch = Watch(**{**known, "losses": tuple(known["losses"])})
