"""Tests and corrections equal those of scipy and statsmodels."""

import numpy as np
import pytest
from scipy.stats import binomtest

from evaluator.significance import bootstrap_p, count_wins, detectable, holm, mcnemar_p


def test_evaluation_9_the_sign_test_leaves_ties_out() -> None:
    wins = count_wins(np.array([1.0, 0.5, 2.0, -1.0, 0.0, 0.0, 3.0]))
    assert (wins.better, wins.worse, wins.same) == (4, 1, 2)
    assert wins.p == pytest.approx(binomtest(4, 5).pvalue)
    assert count_wins(np.zeros(5)).p == 1.0


def test_evaluation_9_mcnemar_counts_only_items_that_changed() -> None:
    base = np.array([1, 1, 1, 0, 0, 0, 0, 0, 0, 0], dtype=float)
    tuned = np.array([1, 1, 0, 1, 1, 1, 1, 1, 1, 0], dtype=float)
    # one was lost, six were won
    assert mcnemar_p(base, tuned) == pytest.approx(binomtest(1, 7).pvalue)
    assert mcnemar_p(base, base) == 1.0


def test_evaluation_9_holm_is_the_step_down_correction() -> None:
    # by hand: 4 x .01, 3 x .02, 2 x .03, and never less than the one before
    assert holm([0.03, 0.01, 0.02, 0.5]) == pytest.approx([0.06, 0.04, 0.06, 0.5])
    assert holm([None, 0.01, None]) == [None, 0.01, None]
    assert holm([None, None]) == [None, None]


def test_evaluation_9_the_p_of_a_bootstrap_is_never_zero_and_one_without_a_difference() -> None:
    assert bootstrap_p(np.zeros(1000)) == 1.0
    assert bootstrap_p(np.full(999, 2.0)) == pytest.approx(2 / 1000)
    assert bootstrap_p(np.concatenate([np.full(975, 1.0), np.full(24, -1.0)])) == pytest.approx(2 * 25 / 1000)


def test_evaluation_9_of_many_tests_without_any_effect_one_of_twenty_is_below_005() -> None:
    found = 0
    for seed in range(400):
        source = np.random.default_rng(seed)
        gains = source.normal(0, 1, size=60)
        means = source.choice(gains, size=(400, 60)).mean(axis=1)
        found += bootstrap_p(means) < 0.05
    assert 0.02 <= found / 400 <= 0.09


def test_evaluation_2_the_detectable_difference_is_28_standard_errors() -> None:
    spread = np.random.default_rng(1).normal(5.0, 2.0, size=200_000)
    assert detectable(spread) == pytest.approx(2.8016 * 2.0, rel=0.01)
