"""When to stop, and the weights to go back to: those of the best evaluation, also of a run that goes to its end."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file
from transformers import TrainerCallback

from trainer.checkpoints.left import BEST_FILE
from trainer.distributed.whole import put, whole
from trainer.methods.trained import trained_parameters
from trainer.settings import EarlyStopping

WEIGHTS_FILE = "best_adapter.safetensors"


@dataclass(frozen=True)
class Verdict:
    """The best evaluation so far, and how many since then were not better."""

    best_loss: float | None = None
    best_step: int = 0
    misses: int = 0
    has_stopped: bool = False


def judge(verdict: Verdict, loss: float, step: int, stopping: EarlyStopping | None) -> Verdict:
    """The verdict after one more evaluation; without `stopping` the run goes on, and the best is kept all the same."""
    if verdict.best_loss is None or loss < verdict.best_loss - (stopping.min_delta if stopping else 0.0):
        return Verdict(loss, step)
    misses = verdict.misses + 1
    return replace(verdict, misses=misses, has_stopped=stopping is not None and misses >= stopping.patience)


def judge_anew(checkpoint: Path) -> None:
    """Let a run that takes over an unsealed checkpoint judge by looks of its own: only the best so far is kept."""
    file = checkpoint / BEST_FILE
    # a run without validation rows has none
    if file.is_file():
        verdict = replace(_read(file), misses=0, has_stopped=False)
        file.write_text(json.dumps(asdict(verdict)), "utf-8")


def _read(file: Path) -> Verdict:
    return Verdict(**json.loads(file.read_text("utf-8")))


def watched_metric(metrics: dict[str, float]) -> str:
    """Who tunes on documents wants them known: other wordings of trained facts are watched where there are some."""
    return "eval_recall_loss" if "eval_recall_loss" in metrics else "eval_loss"


class EarlyStoppingCallback(TrainerCallback):
    """Keeps the weights of the best evaluation, and stops the training by `judge` where that is asked for."""

    def __init__(self, stopping: EarlyStopping | None, first_step: int = 0) -> None:
        self.stopping = stopping
        # of the last stage: before it the loss on answers is not what is worked on
        self.first_step = first_step
        self.verdict = Verdict()
        self._weights: dict[str, Any] = {}

    def on_evaluate(self, args, state, control, metrics=None, model=None, **_) -> None:
        if state.global_step < self.first_step:
            return
        self.verdict = judge(self.verdict, metrics[watched_metric(metrics)], state.global_step, self.stopping)
        if self.verdict.best_step == state.global_step:
            trained = trained_parameters(model)
            self._weights = {name: whole(weight).detach().cpu().clone() for name, weight in trained}
        if self.verdict.has_stopped:
            control.should_save = True
            control.should_training_stop = True

    def save(self, folder: Path) -> None:
        (folder / BEST_FILE).write_text(json.dumps(asdict(self.verdict)), "utf-8")
        if self._weights:
            save_file(self._weights, folder / WEIGHTS_FILE)

    def load(self, folder: Path) -> None:
        """Take up the state that `save` left in a checkpoint."""
        self.verdict = _read(folder / BEST_FILE)
        if (folder / WEIGHTS_FILE).is_file():
            self._weights = load_file(folder / WEIGHTS_FILE)

    def restore_best(self, model) -> None:
        """Give the model the weights of the best evaluation, if there was one."""
        for name, weight in trained_parameters(model):
            if name in self._weights:
                put(weight, self._weights[name])
