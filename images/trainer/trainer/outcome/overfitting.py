"""Whether a run learnt its rows at the cost of everything else: verdict, place and advice, from the loss curves alone.

The rule looks at documents that are not trained. Their loss falls while a model learns, and rises again when it only
learns its rows by heart. A falling loss is never a sign of overfitting.
"""

import statistics
from dataclasses import asdict, dataclass
from typing import Any, Literal

from trainer.methods.names import FREEZE, PROMPT_TUNING, RANKED
from trainer.outcome.curve import Point, points, smoothed

# fewer looks after the best one are chance
LEAST_EVALUATIONS = 3
# rise of the loss that matters, as a share of the best loss; smaller ones are within what other rows would give
LEAST_RISE = 0.02
# a rise must stand out of the noise of the curve by so many standard deviations
NOISE_FACTOR = 3.0
# (validation - train) / train above which a growing gap is suspicious
LARGEST_GAP = 0.3
# of a gap, between the middle of the run and its end
GAP_GROWTH = 0.1
# early and late thirds tell how a gap grows; shorter curves have none
LEAST_GAP_EVALUATIONS = 6
FEW_ROWS = 2000
# from these on a setting is not advised any more
LEAST_DROPOUT, LEAST_WEIGHT_DECAY, LEAST_RANK = 0.05, 0.05, 8

ADVICE = {
    "fewerEpochs": "train for fewer epochs",
    "fewerSteps": "lower maxSteps",
    "earlyStopping": "set spec.earlyStopping",
    "dropout": "set spec.lora.dropout to 0.05-0.3",
    "weightDecay": "raise spec.training.weightDecay",
    "lowerRank": "lower spec.lora.rank",
    "moreFrozen": "freeze more layers: spec.freeze.layers",
    "fewerVectors": "lower spec.promptTuning.virtualTokens",
    "moreRows": "make more rows: more documents, or spec.augmentation of the Dataset",
    "generalRows": "mix in general rows: spec.mixture of the Dataset",
    "moreGeneralRows": "give general rows more weight: a lower domainWeight",
}


@dataclass(frozen=True)
class Tried:
    """What a run has of the things that are advised. `steps_are_given`: maxSteps ends it, and not its epochs."""

    method: str
    rows: int
    weight_decay: float
    rank: int = 0
    dropout: float = 0.0
    is_unfreezing: bool = False
    steps_are_given: bool = False
    is_stopped_early: bool = False
    has_general_rows: bool = False


@dataclass(frozen=True)
class Overfitting:
    """`step` is the evaluation after which it went wrong, `rise` the growth of the loss since, as a share of it."""

    verdict: Literal["none", "suspected", "confirmed"]
    step: int | None = None
    rise: float | None = None
    advice: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "advice": list(self.advice)}


def watched_curve(history: list[dict[str, Any]]) -> list[Point]:
    """Loss on documents that are not trained; other wordings of trained facts cannot show what is forgotten."""
    return points(history, "eval_unseen_loss")


def detect(train: list[Point], validation: list[Point], tried: Tried) -> Overfitting:
    """The verdict at the end of the curves: (step, loss) of training, and of rows that are not trained.

    The advice leaves out what is `tried` already, and what the method has not.
    """
    if len(validation) <= LEAST_EVALUATIONS:
        return Overfitting("none")
    turn = rise_since_best(train, validation)
    if turn is not None:
        step, rise = turn
        return Overfitting("confirmed", step, rise, advise(tried))
    step = growing_gap(train, validation)
    return Overfitting("none") if step is None else Overfitting("suspected", step, None, advise(tried))


def rise_since_best(train: list[Point], validation: list[Point]) -> tuple[int, float] | None:
    """Step of the best evaluation and the rise since, if validation rises for good while training still falls."""
    # the mean of three keeps one lucky evaluation from being the best
    level = smoothed(validation, LEAST_EVALUATIONS)
    best_step, best = min(level[LEAST_EVALUATIONS - 1 :], key=lambda point: point[1])
    after = [value for step, value in validation if step >= best_step]
    last = level[-1][1]
    if len(after) <= LEAST_EVALUATIONS or slope(after) <= 0:
        return None
    least = max(LEAST_RISE * abs(best), NOISE_FACTOR * noise([value for _, value in validation]))
    if last - best < least or not falls(train, best_step):
        return None
    return best_step, round((last - best) / best, 4)


def growing_gap(train: list[Point], validation: list[Point]) -> int | None:
    """Step from which the loss of training runs away from that of validation, which does not rise itself."""
    if not train or len(validation) < LEAST_GAP_EVALUATIONS:
        return None
    curve = smoothed(train)
    gaps = [(step, (value - at(curve, step)) / at(curve, step)) for step, value in validation]
    third = len(gaps) // 3
    middle = statistics.median(gap for _, gap in gaps[third : 2 * third])
    late = statistics.median(gap for _, gap in gaps[-third:])
    recent = [value for _, value in validation[-2 * third :]]
    is_still_learning = slope(recent) < -LEAST_RISE * recent[-1] / third
    if late <= LARGEST_GAP or late - middle <= GAP_GROWTH or is_still_learning:
        return None
    return next(step for step, gap in gaps if gap > LARGEST_GAP)


def slope(values: list[float]) -> float:
    """Slope of the line through the values, a step apart."""
    return statistics.linear_regression(range(len(values)), values).slope


def noise(values: list[float]) -> float:
    """Standard deviation of one value around the curve: second differences leave out where the curve goes."""
    seconds = [abs(a - 2 * b + c) for a, b, c in zip(values, values[1:], values[2:], strict=False)]
    # the median forgives the bend of a curve; 1.4826 makes it a standard deviation, 6 is the sum of squared weights
    return 1.4826 * statistics.median(seconds) / 6**0.5 if seconds else 0.0


def falls(train: list[Point], since: int) -> bool:
    """Whether the loss of training is lower at the end than at a step."""
    curve = smoothed(train)
    return bool(curve) and curve[-1][1] < at(curve, since)


def at(curve: list[Point], step: int) -> float:
    """The value at the last point up to a step, or the first one."""
    return next((value for own, value in reversed(curve) if own <= step), curve[0][1])


def advise(tried: Tried) -> tuple[str, ...]:
    """What to try, the cheapest first."""
    chosen = {
        "fewerSteps" if tried.steps_are_given else "fewerEpochs": True,
        "earlyStopping": not tried.is_stopped_early,
        "dropout": tried.method in RANKED and tried.dropout < LEAST_DROPOUT,
        "weightDecay": tried.weight_decay < LEAST_WEIGHT_DECAY,
        "lowerRank": tried.method in RANKED and tried.rank > LEAST_RANK,
        "moreFrozen": tried.method == FREEZE and not tried.is_unfreezing,
        "fewerVectors": tried.method == PROMPT_TUNING,
        "moreRows": tried.rows < FEW_ROWS,
        "generalRows": tried.rows >= FEW_ROWS and not tried.has_general_rows,
        "moreGeneralRows": tried.rows >= FEW_ROWS and tried.has_general_rows,
    }
    return tuple(ADVICE[name] for name, is_left in chosen.items() if is_left)
