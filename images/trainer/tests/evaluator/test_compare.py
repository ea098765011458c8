"""Intervals and verdicts: what is no difference must never be called one."""

import numpy as np
import pytest

from evaluator.compare import Comparison, compare, verdict
from evaluator.scores import MEASURES, bleu_statistics

RESAMPLES = 2000
ANSWERS = [f"the option number {i} sets the limit of the server to {i * 7} requests" for i in range(40)]
RIGHT = [[answer] for answer in ANSWERS]
WRONG = [f"I do not know what option {i} means" for i in range(40)]
ENGLISH = ["en"] * 40


def said(name: str, comparison: Comparison) -> str:
    """The verdict of a figure that is the only one."""
    return verdict(MEASURES[name], comparison.interval, comparison.p)


def losses(seed: int, mean: float) -> np.ndarray:
    """Negative log likelihood and token count of 40 rows."""
    tokens = np.random.default_rng(0).integers(5, 60, size=40).astype(float)
    return np.stack([tokens * np.random.default_rng(seed).normal(mean, 0.3, size=40), tokens], axis=1)


@pytest.mark.parametrize("name", ["bleu", "perplexity"])
def test_a_model_that_did_not_change_is_inconclusive(name: str) -> None:
    rows = bleu_statistics(WRONG, RIGHT, ENGLISH) if name == "bleu" else losses(1, 3.0)
    same = compare(MEASURES[name], rows, rows, RESAMPLES, seed=1)
    assert (same.delta, same.interval, same.p, said(name, same)) == (0.0, (0.0, 0.0), 1.0, "Inconclusive")
    assert same.base == same.tuned


def test_better_answers_are_better_and_the_reverse_is_worse() -> None:
    wrong, right = bleu_statistics(WRONG, RIGHT, ENGLISH), bleu_statistics(ANSWERS, RIGHT, ENGLISH)
    better = compare(MEASURES["bleu"], wrong, right, RESAMPLES, seed=1)
    worse = compare(MEASURES["bleu"], right, wrong, RESAMPLES, seed=1)
    assert better.tuned == pytest.approx(100)
    assert (said("bleu", better), said("bleu", worse)) == ("Better", "Worse")
    assert better.delta == -worse.delta
    assert better.interval == pytest.approx((-worse.interval[1], -worse.interval[0]))


def test_a_lower_perplexity_is_better_and_its_difference_is_a_share() -> None:
    base, tuned = losses(1, 3.0), losses(2, 2.0)
    better = compare(MEASURES["perplexity"], base, tuned, RESAMPLES, seed=1)
    assert better.delta == pytest.approx(better.tuned / better.base - 1)
    assert said("perplexity", better) == "Better"
    assert -1 < better.interval[0] < better.delta < better.interval[1] < 0
    assert said("perplexity", compare(MEASURES["perplexity"], tuned, base, RESAMPLES, seed=1)) == "Worse"


def test_one_answer_more_of_forty_proves_nothing() -> None:
    wrong = bleu_statistics(WRONG, RIGHT, ENGLISH)
    barely = bleu_statistics([ANSWERS[0], *WRONG[1:]], RIGHT, ENGLISH)
    assert said("bleu", compare(MEASURES["bleu"], wrong, barely, RESAMPLES, seed=1)) == "Inconclusive"


@pytest.mark.parametrize(("items", "expected"), [(2, "Inconclusive"), (5, "Inconclusive"), (6, "Better")])
def test_evaluation_9_few_items_prove_nothing_however_much_better_they_all_are(items: int, expected: str) -> None:
    wrong, right = (bleu_statistics(said, RIGHT, ENGLISH)[:items] for said in (WRONG, ANSWERS))
    found = compare(MEASURES["bleu"], wrong, right, RESAMPLES, seed=1)
    assert said("bleu", found) == expected
    # as the exact sign test of so many items
    assert found.p == pytest.approx(2.0 ** (1 - items)) == pytest.approx(found.wins.p)


def test_the_seed_alone_decides_the_interval() -> None:
    base, tuned = losses(1, 3.0), losses(2, 2.9)
    first = compare(MEASURES["perplexity"], base, tuned, RESAMPLES, seed=7)
    assert compare(MEASURES["perplexity"], base, tuned, RESAMPLES, seed=7) == first
    assert compare(MEASURES["perplexity"], base, tuned, RESAMPLES, seed=8).interval != first.interval


def test_the_interval_holds_the_true_difference_about_nineteen_times_of_twenty() -> None:
    held = 0
    for seed in range(200):
        source = np.random.default_rng(seed)
        tokens = np.full(50, 10.0)
        base = source.normal(3.0, 0.5, size=50)
        tuned = base + source.normal(-0.05, 0.2, size=50)
        rows = [np.stack([tokens * nll, tokens], axis=1) for nll in (base, tuned)]
        low, high = compare(MEASURES["perplexity"], *rows, 400, seed).interval
        held += low <= np.exp(-0.05) - 1 <= high
    assert 0.9 <= held / 200 <= 0.99


def test_one_row_or_an_endless_loss_gives_no_interval() -> None:
    single = compare(MEASURES["perplexity"], losses(1, 3.0)[:1], losses(2, 1.0)[:1], RESAMPLES, seed=1)
    assert (single.interval, single.p, said("perplexity", single)) == (None, None, "Inconclusive")
    endless = losses(1, 3.0)
    endless[3, 0] = np.inf
    broken = compare(MEASURES["perplexity"], losses(1, 3.0), endless, RESAMPLES, seed=1)
    assert (broken.tuned, broken.delta, broken.interval) == (None, None, None)
    assert said("perplexity", broken) == "Inconclusive"


def test_evaluation_9_a_figure_that_is_one_of_many_needs_more_to_be_called_better() -> None:
    interval = (0.5, 4.0)
    assert verdict(MEASURES["bleu"], interval, 0.03) == "Better"
    assert verdict(MEASURES["bleu"], interval, 0.2) == "Inconclusive"


def test_evaluation_9_right_or_wrong_is_tested_by_mcnemar() -> None:
    wrong = np.array([[0.0, 1.0]] * 20)
    right = wrong.copy()
    right[:6, 0] = 1
    found = compare(MEASURES["exactMatch"], wrong, right, RESAMPLES, seed=1)
    assert found.p == pytest.approx(2 * 0.5**6)
    assert (found.wins.better, found.wins.worse, found.wins.same) == (6, 0, 14)


def test_evaluation_2_the_detectable_difference_shrinks_with_the_root_of_the_items() -> None:
    rows = [losses(1, 3.0), losses(2, 3.0)]
    few = compare(MEASURES["perplexity"], *rows, RESAMPLES, seed=1)
    many = compare(MEASURES["perplexity"], *(np.tile(each, (4, 1)) for each in rows), RESAMPLES, seed=1)
    assert few.detectable / many.detectable == pytest.approx(2, rel=0.1)
