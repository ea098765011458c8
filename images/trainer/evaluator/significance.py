"""What a difference is worth: tests for pairs, correction for many figures, and what could have been seen at all."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, norm

ALPHA = 0.05
POWER = 0.8


@dataclass(frozen=True)
class Wins:
    """Items on which the tuned model is better, worse, or the same; `p` of the two-sided sign test, ties left out."""

    better: int
    worse: int
    same: int
    p: float


def count_wins(gains: NDArray[np.float64]) -> Wins:
    """From the gain of each item, positive where the tuned model is better."""
    better, worse = int((gains > 0).sum()), int((gains < 0).sum())
    p = binomtest(better, better + worse).pvalue if better + worse else 1.0
    return Wins(better, worse, len(gains) - better - worse, float(p))


def mcnemar_p(base: NDArray[np.float64], tuned: NDArray[np.float64]) -> float:
    """Exact McNemar test of answers that are right (1) or wrong (0), by statsmodels."""
    from statsmodels.stats.contingency_tables import mcnemar

    pairs = [[int(((base == row) & (tuned == column)).sum()) for column in (0, 1)] for row in (0, 1)]
    return float(mcnemar(pairs, exact=True).pvalue)


def bootstrap_p(distribution: NDArray[np.float64]) -> float:
    """Two-sided p of no difference: how rarely resampled differences fall on the other side of 0; never 0 itself."""
    total = len(distribution)
    tail = min((distribution <= 0).sum(), (distribution >= 0).sum())
    return float(min(1.0, 2 * (tail + 1) / (total + 1)))


def least_p(wins: Wins) -> float:
    """The least two-sided p that any exact test of these pairs could give, when all that differ are on one side.

    The models of a pair can be swapped in 2^n ways where n pairs differ. Resamples of few items know no more than the
    items, so that a bootstrap alone would be sure of two.
    """
    return min(1.0, 2.0 ** (1 - wins.better - wins.worse))


def holm(values: Sequence[float | None]) -> list[float | None]:
    """p values corrected for their number by Holm, in the given order; None where nothing was tested."""
    tested = [value for value in values if value is not None]
    if not tested:
        return list(values)
    from statsmodels.stats.multitest import multipletests

    corrected = iter(multipletests(tested, alpha=ALPHA, method="holm")[1].tolist())
    return [None if value is None else next(corrected) for value in values]


def detectable(distribution: NDArray[np.float64]) -> float:
    """Smallest true difference that so many items show four times of five, from the spread of resampled differences."""
    return detectable_by(float(np.std(distribution)))


def detectable_by(deviation: float, alpha: float = ALPHA) -> float:
    """The same from the standard error of a difference, at a level of its own."""
    return float((norm.ppf(1 - alpha / 2) + norm.ppf(POWER)) * deviation)
