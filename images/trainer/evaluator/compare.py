"""Base against tuned on the same rows: the difference, its paired bootstrap interval, and how sure it is."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import bootstrap

from evaluator.scores import Array, Measure
from evaluator.significance import ALPHA, Wins, bootstrap_p, count_wins, detectable, least_p, mcnemar_p

Verdict = Literal["Better", "Worse", "Inconclusive"]

# indices of so many resamples are held at once: bounds the memory for large sets
BATCH = 500


@dataclass(frozen=True)
class Comparison:
    """`delta` in the unit of the measure, `interval` its 95 % interval; None where a value is not finite.

    `p` is that of this difference alone: McNemar's test for right or wrong, the sign test for won or lost, else from
    the bootstrap, but never less than so few items can show; what benchmarks have kept has tests of its own.
    `detectable` is the smallest true difference that so many items would show four times of five.
    """

    base: float | None
    tuned: float | None
    delta: float | None
    interval: tuple[float, float] | None
    p: float | None
    detectable: float | None
    wins: Wins


def compare(
    measure: Measure, base: Array, tuned: Array, resamples: int, seed: int, gains: Array | None = None
) -> Comparison:
    """Compare statistics of shape (rows, k): row i of both belongs to the same item, which makes the test paired.

    `gains` of shape (rows,), positive where the tuned model is better, for a measure that says nothing of one item.
    """
    if not len(base):
        # a rule about what nobody was asked must not hold
        return Comparison(None, None, None, None, None, None, Wins(0, 0, 0, 1.0))
    distribution, low, high = _resample(measure, base, tuned, resamples, seed)
    scores = measure.score(np.stack([base.sum(axis=0), tuned.sum(axis=0)]))
    with np.errstate(divide="ignore", invalid="ignore"):
        delta = finite(measure.difference(scores[0], scores[1]))
    wins = count_wins(_gains(measure, base, tuned) if gains is None else gains)
    interval = (low, high) if np.isfinite([low, high]).all() and delta is not None else None
    return Comparison(
        base=finite(scores[0]),
        tuned=finite(scores[1]),
        delta=delta,
        interval=interval,
        p=None if interval is None else _p(measure, base, tuned, distribution, wins),
        detectable=None if interval is None else detectable(distribution),
        wins=wins,
    )


def verdict(measure: Measure, interval: tuple[float, float] | None, p: float | None) -> Verdict:
    """Better or Worse only where the interval leaves 0 out and `p`, corrected for all figures, is below 0.05."""
    if interval is None or p is None or interval[0] <= 0 <= interval[1] or p >= ALPHA:
        return "Inconclusive"
    return "Better" if (interval[0] > 0) == measure.is_higher_better else "Worse"


def _p(measure: Measure, base: Array, tuned: Array, distribution: Array, wins: Wins) -> float:
    if measure.is_won_or_lost:
        return wins.p
    if measure.is_right_or_wrong:
        return mcnemar_p(base[:, 0], tuned[:, 0])
    return max(bootstrap_p(distribution), least_p(wins))


def _gains(measure: Measure, base: Array, tuned: Array) -> Array:
    """Of each item, positive where the tuned model is better; what cannot be compared counts as the same."""
    with np.errstate(divide="ignore", invalid="ignore"):
        differences = measure.difference(measure.score(base), measure.score(tuned))
    return np.nan_to_num(differences if measure.is_higher_better else -differences, nan=0.0)


def _resample(measure: Measure, base: Array, tuned: Array, resamples: int, seed: int) -> tuple[Array, float, float]:
    """Differences of resamples, and their 95 % interval; not a number where there is nothing to resample."""
    if len(base) < 2 or not np.isfinite([base, tuned]).all():
        return np.array([]), float("nan"), float("nan")

    def difference(rows: np.ndarray, axis: int = -1) -> Array:
        # how often each item was drawn: sums of copies would take items x resamples x statistics of memory
        times = np.stack([np.bincount(each, minlength=len(base)) for each in rows]).astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            return measure.difference(measure.score(times @ base), measure.score(times @ tuned))

    # items are resampled by their index, so base and tuned always answer the same ones
    result = bootstrap(
        (np.arange(len(base)),),
        difference,
        n_resamples=resamples,
        batch=BATCH,
        confidence_level=0.95,
        method="percentile",
        vectorized=True,
        rng=np.random.default_rng(seed),
    )
    interval = result.confidence_interval
    return result.bootstrap_distribution, float(interval.low), float(interval.high)


def finite(value: float | np.floating) -> float | None:
    """A number that JSON has; None for any other."""
    return float(value) if np.isfinite(value) else None
