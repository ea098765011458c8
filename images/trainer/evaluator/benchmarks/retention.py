"""What was kept of what a model could do: the candidate's score as a share of the baseline's, subject by subject."""

import numpy as np

from evaluator.scores import Array, Measure


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
