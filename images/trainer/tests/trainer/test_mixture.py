"""Rows about the documents and general ones in the asked share of the trained tokens."""

import itertools
import random

import pytest

from trainer.data.mixture import Weights, check_domains, mixed_epochs
from worker.failure import WorkerFailure

# documents first, then general rows with longer answers
numbers = random.Random(1)
TRAINED = [numbers.randint(10, 40) for _ in range(80)] + [numbers.randint(30, 200) for _ in range(60)] + [63] * 90
IS_GENERAL = [False] * 80 + [True] * 60 + [False] * 90
IS_TEXT = [False] * 140 + [True] * 90


def epochs(weight, number, seed=42, text=0.0):
    return list(itertools.islice(mixed_epochs(TRAINED, IS_GENERAL, IS_TEXT, Weights(weight, text), seed), number))


def tokens(rows, marks):
    return sum(TRAINED[row] for row in rows if marks[row])


@pytest.mark.parametrize("weight", [0.2, 0.5, 0.7, 0.9])
def test_training_10_the_weight_is_the_share_of_trained_tokens_about_the_documents(weight):
    rows = list(itertools.chain.from_iterable(epochs(weight, 10)))
    general = tokens(rows, IS_GENERAL)
    assert 1 - general / sum(TRAINED[row] for row in rows) == pytest.approx(weight, abs=0.005)


def test_training_10_an_epoch_has_each_row_about_the_documents_once():
    for rows in epochs(0.7, 3):
        assert sorted(row for row in rows if not IS_GENERAL[row]) == list(range(80))


def test_training_10_no_general_row_comes_again_before_all_have_come():
    general = [row for rows in epochs(0.7, 30) for row in sorted(rows) if IS_GENERAL[row]]
    counts = [general.count(row) for row in range(80, 140)]
    assert max(counts) - min(counts) <= 1
    assert max(counts) > 1


def test_training_10_without_a_weight_each_row_comes_once():
    assert [sorted(rows) for rows in epochs(None, 2)] == [list(range(140))] * 2


def test_training_10_of_a_weight_of_one_no_general_row_comes():
    assert [sorted(rows) for rows in epochs(1, 1)] == [list(range(80))]


@pytest.mark.parametrize("weight", [None, 0.6])
@pytest.mark.parametrize("text", [0.1, 0.4])
def test_training_10_text_has_its_share_of_the_trained_tokens_about_the_documents(weight, text):
    drawn = epochs(weight, 10, text=text)
    for rows in drawn:
        assert sorted(row for row in rows if row < 80) == list(range(80))
    rows = list(itertools.chain.from_iterable(drawn))
    documents = sum(TRAINED[row] for row in rows) - tokens(rows, IS_GENERAL)
    assert tokens(rows, IS_TEXT) / documents == pytest.approx(text, abs=0.01)
    if weight is not None:
        assert documents / sum(TRAINED[row] for row in rows) == pytest.approx(weight, abs=0.01)
    counts = [rows.count(row) for row in range(140, 230)]
    assert max(counts) - min(counts) <= 1


def test_training_10_the_draw_depends_on_the_seed_alone():
    assert epochs(0.7, 2) == epochs(0.7, 5)[:2]
    assert epochs(0.7, 2) != epochs(0.7, 2, seed=43)


@pytest.mark.parametrize(
    ("is_general", "weight", "reason"),
    [
        ([False, False], 0.7, "NoGeneralRows"),
        ([True, True], 0.7, "NoDocumentRows"),
        ([True, True], 1, "NoDocumentRows"),
    ],
)
def test_training_10_a_kind_that_is_missing_is_told(is_general, weight, reason):
    with pytest.raises(WorkerFailure, match=r"training\.domainWeight") as failed:
        check_domains(is_general, weight)
    assert (failed.value.code, failed.value.reason) == (11, reason)


def test_training_10_nothing_is_missing_where_nothing_is_asked():
    check_domains([True], None)
    check_domains([False], 1)
    check_domains([False, True], 0.7)
