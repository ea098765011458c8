"""What was kept of what a model could do: the candidate's score as a share of the baseline's, subject by subject.

Both figures are of noisy shares, whose mean lies above 100 and whose least lies far below it where nothing has changed.
A bootstrap repeats that and calls it a difference, so each has a test that knows what chance alone does to it.
"""

from dataclasses import replace

import numpy as np
from scipy.stats import binomtest, permutation_test

from evaluator.compare import BATCH, Comparison, compare, finite
from evaluator.scores import Array, Measure
from evaluator.significance import ALPHA, Wins, count_wins, detectable_by


def retention_statistics(before: Array, after: Array, subjects: list[str]) -> tuple[Array, Array]:
    """Statistics of baseline and candidate of shape (items, 2 x subjects): for each subject what the baseline had right
    and what this model has. Resampled together, both keep their relation.
    """
    names = sorted(set(subjects))
    own = np.zeros((2, len(subjects), 2 * len(names)))
    for row, subject in enumerate(subjects):
        place = names.index(subject)
        own[:, row, place] = before[row]
        own[0, row, len(names) + place] = before[row]
        own[1, row, len(names) + place] = after[row]
    return own[0], own[1]


def _kept(sums: Array) -> Array:
    """Percent of the baseline's score by subject; not a number where the baseline had none right."""
    size = sums.shape[-1] // 2
    before, after = sums[..., :size], sums[..., size:]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(before > 0, 100 * after / before, np.nan)


def _mean(sums: Array) -> Array:
    return _over_subjects(np.nanmean, sums)


def _least(sums: Array) -> Array:
    return _over_subjects(np.nanmin, sums)


def _over_subjects(function, sums: Array) -> Array:
    import warnings

    with warnings.catch_warnings():
        # no subject of which the baseline had any right: nothing could be lost
        warnings.simplefilter("ignore", RuntimeWarning)
        found = function(_kept(sums), axis=-1)
    # a model that gave no numbers has kept nothing that could be told
    return np.where(np.isnan(sums).any(axis=-1), np.nan, found)


RETENTION = Measure("retention", _mean)
WORST_SUBJECT = Measure("worstSubject", _least)


def compare_retention(before: Array, after: Array, subjects: list[str], resamples: int, seed: int) -> Comparison:
    """The mean share with its bootstrap interval. `p` is that of a permutation test, which draws anew which of both
    models has given which of the two answers to an item, on the side that the difference is on, doubled.
    """
    sides = retention_statistics(before, after, subjects)
    # an item of which the baseline had nothing has no share, and can be won all the same
    found = compare(RETENTION, *sides, resamples, seed, after - before)
    if found.interval is None or found.delta is None:
        return found
    known = np.array([part for part in _parts(subjects) if before[part].sum() > 0], dtype=np.float64).T

    def mean(one: Array, other: Array, axis: int = -1) -> Array:
        return _mean(np.concatenate([one @ known, other @ known], axis=axis))

    tested = permutation_test(
        (before, after),
        mean,
        permutation_type="samples",
        vectorized=True,
        n_resamples=resamples,
        batch=BATCH,
        alternative="less" if found.delta < 0 else "greater",
        rng=np.random.default_rng(seed),
    )
    return replace(found, p=min(1.0, 2 * float(tested.pvalue)))


def compare_worst_subject(before: Array, after: Array, subjects: list[str]) -> Comparison:
    """The least share, with an interval and a p that hold for all subjects together (Bonferroni).

    `p` is the smallest of the subjects' exact sign tests that speak for a loss, times the number of subjects; of a
    least share above 100, which every subject has to prove, the largest that speaks for a gain. The interval is from
    the least of the lower ends of the subjects' intervals to the least of the upper ones, and leaves 0 out where p is
    below 0.05; so it is for answers that are right or wrong, and nearly so for others. `detectable` is the loss that
    would be seen in whatever subject.
    """
    sides = retention_statistics(before, after, subjects)
    base, tuned = (finite(WORST_SUBJECT.score(side.sum(axis=0))) for side in sides)
    wins = count_wins(after - before)
    if base is None or tuned is None:
        return Comparison(base, tuned, None, None, None, None, wins)
    parts = [part for part in _parts(subjects) if before[part].sum() > 0]
    alpha = ALPHA / len(parts)
    # in percent of what the baseline had right of the subject
    gains = [100 * (after[part] - before[part]) / before[part].sum() for part in parts]
    own = [count_wins(each) for each in gains]
    intervals = np.array([_interval(each, alpha) for each in gains])
    p = min(_ps(own, is_lost=True)) if tuned < base else max(_ps(own, is_lost=False))
    return Comparison(
        base=base,
        tuned=tuned,
        delta=tuned - base,
        interval=(float(intervals[:, 0].min()), float(intervals[:, 1].min())),
        p=min(1.0, p * len(parts)),
        detectable=max(detectable_by(float(np.sqrt((each**2).sum())), alpha) for each in gains),
        wins=wins,
    )


def _ps(own: list[Wins], *, is_lost: bool) -> list[float]:
    """Of each subject the p of its sign test, as far as that speaks for a loss, or else for a gain."""
    return [each.p if (each.worse > each.better) == is_lost else 1.0 for each in own]


def _parts(subjects: list[str]) -> list[np.ndarray]:
    """Of each subject which items are its own."""
    names = np.array(subjects)
    return [names == name for name in sorted(set(subjects))]


def _interval(gains: Array, alpha: float) -> tuple[float, float]:
    """The interval of the sum of `gains` that belongs to the sign test: of the items that differ, chance decides which
    are lost (Clopper-Pearson).
    """
    lost, won = -gains[gains < 0], gains[gains > 0]
    differing = len(lost) + len(won)
    if not differing:
        return 0.0, 0.0
    # as much as the others where there is none to tell
    loss, gain = ((own if len(own) else other).mean() for own, other in ((lost, won), (won, lost)))
    share = binomtest(len(lost), differing).proportion_ci(1 - alpha, method="exact")
    low, high = (differing * (gain * (1 - each) - loss * each) for each in (share.high, share.low))
    return float(low), float(high)
