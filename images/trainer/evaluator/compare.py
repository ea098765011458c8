"""Base against tuned on the same rows: the difference, its paired bootstrap interval, and the verdict."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import bootstrap

from evaluator.scores import Array, Measure

Verdict = Literal["Better", "Worse", "Inconclusive"]

# indices of so many resamples are held at once: bounds the memory for large sets
BATCH = 500


@dataclass(frozen=True)
class Comparison:
    """`delta` in the unit of the measure, `interval` its 95 % interval; None where a value is not finite."""

    base: float | None
    tuned: float | None
    delta: float | None
    interval: tuple[float, float] | None
    verdict: Verdict


def compare(measure: Measure, base: Array, tuned: Array, resamples: int, seed: int) -> Comparison:
    """Compare statistics of shape (rows, k): row i of both belongs to the same item, which makes the test paired."""
    low, high = _interval(measure, base, tuned, resamples, seed)
    scores = measure.score(np.stack([base.sum(axis=0), tuned.sum(axis=0)]))
    with np.errstate(divide="ignore", invalid="ignore"):
        delta = _finite(measure.difference(scores[0], scores[1]))
    interval = (low, high) if np.isfinite([low, high]).all() and delta is not None else None
    return Comparison(_finite(scores[0]), _finite(scores[1]), delta, interval, _verdict(measure, interval))


def _interval(measure: Measure, base: Array, tuned: Array, resamples: int, seed: int) -> tuple[float, float]:
    if len(base) < 2 or not np.isfinite([base, tuned]).all():
        return float("nan"), float("nan")

    def difference(rows: np.ndarray, axis: int = -1) -> Array:
        with np.errstate(divide="ignore", invalid="ignore"):
            return measure.difference(
                measure.score(base[rows].sum(axis=-2)),
                measure.score(tuned[rows].sum(axis=-2)),
            )

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
    return float(result.confidence_interval.low), float(result.confidence_interval.high)


def _verdict(measure: Measure, interval: tuple[float, float] | None) -> Verdict:
    if interval is None or interval[0] <= 0 <= interval[1]:
        return "Inconclusive"
    return "Better" if (interval[0] > 0) == measure.is_higher_better else "Worse"


def _finite(value: np.floating) -> float | None:
    return float(value) if np.isfinite(value) else None
