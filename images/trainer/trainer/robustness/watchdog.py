"""What a step's loss and gradient say about its training, and what is to be done: decisions only, nothing is done here.

A troubled step is skipped: its gradient is dropped, and the weights stay. Trouble that goes on is in the weights or in
the learning rate, so the run goes back to its last good checkpoint with half the learning rate; trouble that comes back
after that ends it.
"""

import math
from dataclasses import dataclass, replace
from statistics import median
from typing import Literal

# the running median takes so many losses, and says nothing before it has this many
WINDOW, LEAST_LOSSES = 50, 10
# nats: whatever its median, a loss below is not that of a model that falls apart, but that of a hard row
LEAST_SPIKE = 1.0
# troubled steps in a row after which skipping has not helped
STRIKES = 3
# steps in a row with a loss of exactly zero or a gradient that is far too long; a single one is harmless
PATIENCE = 5
MOST_ROLLBACKS = 2
LEARNING_RATE_FACTOR = 0.5

Trouble = Literal["LossNotFinite", "GradientNotFinite", "LossSpike", "LossIsZero", "GradientTooLong"]
Action = Literal["goOn", "skip", "rollBack"]

NOT_FINITE: frozenset[Trouble] = frozenset({"LossNotFinite", "GradientNotFinite"})

REMEDIES: dict[str, str] = {
    "LossNotFinite": "look at these rows, lower training.learningRate, raise training.warmup, or set "
    "training.precision to fp32",
    "GradientNotFinite": "look at these rows, lower training.learningRate, or set training.precision to fp32",
    "LossSpike": "look at these rows, lower training.learningRate, or raise watchdog.lossSpikeFactor",
    "LossIsZero": "look at these rows: their answers may be empty or all the same",
    "GradientTooLong": "lower training.learningRate, raise training.warmup, or raise watchdog.maxGradNorm",
}


@dataclass(frozen=True)
class Limits:
    """A loss above `loss_spike_factor` times the running median is a spike; `max_gradient_norm` is before clipping.

    Without `is_tolerant` a loss or gradient that is not finite ends the run at once.
    """

    is_tolerant: bool
    loss_spike_factor: float
    max_gradient_norm: float


@dataclass(frozen=True)
class Watch:
    """What the steps so far have left: the last sound losses (nats), and the length of each row of troubles."""

    losses: tuple[float, ...] = ()
    strikes: int = 0
    zeros: int = 0
    steep: int = 0


@dataclass(frozen=True)
class Decision:
    """`steps` is the number of steps in a row that were troubled, this one included."""

    action: Action = "goOn"
    trouble: Trouble | None = None
    steps: int = 0


def judge(watch: Watch, loss: float, gradient_norm: float | None, limits: Limits) -> tuple[Watch, Decision]:
    """What to do about a step before its gradient is used; `gradient_norm` None where it says nothing (fp16)."""
    trouble = sudden_trouble(watch, loss, gradient_norm, limits)
    if trouble:
        strikes = watch.strikes + 1
        is_fatal = trouble in NOT_FINITE and not limits.is_tolerant
        action: Action = "rollBack" if strikes >= STRIKES or is_fatal else "skip"
        return replace(watch, strikes=strikes), Decision(action, trouble, strikes)
    zeros = watch.zeros + 1 if loss == 0 else 0
    steep = watch.steep + 1 if gradient_norm is not None and gradient_norm > limits.max_gradient_norm else 0
    after = Watch((*watch.losses, loss)[-WINDOW:], 0, zeros, steep)
    if zeros >= PATIENCE:
        return after, Decision("rollBack", "LossIsZero", zeros)
    if steep >= PATIENCE:
        return after, Decision("rollBack", "GradientTooLong", steep)
    return after, Decision()


def sudden_trouble(watch: Watch, loss: float, gradient_norm: float | None, limits: Limits) -> Trouble | None:
    if not math.isfinite(loss):
        return "LossNotFinite"
    if gradient_norm is not None and not math.isfinite(gradient_norm):
        return "GradientNotFinite"
    if len(watch.losses) < LEAST_LOSSES:
        return None
    level = max(LEAST_SPIKE, limits.loss_spike_factor * median(watch.losses), *watch.losses)
    return "LossSpike" if loss > level else None


def is_hopeless(trouble: Trouble, rollbacks: int, limits: Limits) -> bool:
    """Whether going back once more, after `rollbacks` times, would not help."""
    return rollbacks >= MOST_ROLLBACKS or (trouble in NOT_FINITE and not limits.is_tolerant)


def complaint(trouble: Trouble, step: int, rows: list[str], rollbacks: int) -> str:
    """The message of a run that ends because of a trouble at a step with these rows."""
    listed = ", ".join(f'"{row}"' for row in rows[:4]) + (f" and {len(rows) - 4} more" if len(rows) > 4 else "")
    tried = f", also after {rollbacks} returns to a checkpoint with half the learning rate" if rollbacks else ""
    return f"{SAYINGS[trouble]} at step {step}{tried}; rows of the step: {listed}: {REMEDIES[trouble]}"


SAYINGS: dict[str, str] = {
    "LossNotFinite": "the loss is not finite",
    "GradientNotFinite": "the gradient is not finite",
    "LossSpike": "the loss is far above its median",
    "LossIsZero": "the loss is exactly zero",
    "GradientTooLong": "the gradient is far too long",
}
