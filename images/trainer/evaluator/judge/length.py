"""The win rate that is left when neither answer is longer: judges like length, whatever they are told."""

from collections.abc import Sequence

import numpy as np

# keeps the fit finite where all win, without moving it where some lose
RIDGE = 1e-3
LEAST_MATCHES = 10


def length_controlled(scores: Sequence[float], baseline: Sequence[str], candidate: Sequence[str]) -> float | None:
    """Percent, by a logistic regression of the outcome on the difference of lengths, read off at no difference.

    The form is that of AlpacaEval 2: tanh of the difference in its own standard deviations. None of too few matches.
    """
    if len(scores) < LEAST_MATCHES:
        return None
    from statsmodels.api import GLM, families

    difference = np.asarray([len(mine) - len(theirs) for mine, theirs in zip(candidate, baseline, strict=True)], float)
    spread = difference.std()
    if spread == 0:
        return 100 * float(np.mean(scores))
    lengths = np.tanh(difference / spread)
    design = np.column_stack([np.ones(len(scores)), lengths])
    fit = GLM(np.asarray(scores), design, family=families.Binomial()).fit_regularized(alpha=RIDGE, L1_wt=0.0)
    return float(100 / (1 + np.exp(-fit.params[0])))
