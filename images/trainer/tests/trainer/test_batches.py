"""Batches are planned once for a run, and the loss does not depend on how rows are put together."""

import itertools

import pytest
import torch

from trainer.batches import Collator, batches_by_length, plan_batches
from trainer.examples import Example
from trainer.loss import answer_loss
from worker.models import load

LENGTHS = [10 + (7 * number) % 90 for number in range(103)]


def test_each_epoch_has_every_row_once():
    plan = plan_batches(LENGTHS, 4, 2 * 26, 42)
    for epoch in (plan[:26], plan[26:]):
        assert sorted(itertools.chain(*epoch)) == list(range(103))
    assert plan[:26] != plan[26:]


def test_the_plan_depends_on_the_seed_alone():
    assert plan_batches(LENGTHS, 4, 30, 1) == plan_batches(LENGTHS, 4, 60, 1)[:30]
    assert plan_batches(LENGTHS, 4, 30, 1) != plan_batches(LENGTHS, 4, 30, 2)


def test_rows_of_a_batch_have_about_the_same_length():
    def padding(plan):
        return sum(max(LENGTHS[row] for row in batch) - LENGTHS[row] for batch in plan for row in batch)

    in_order = [list(range(start, min(start + 4, 103))) for start in range(0, 103, 4)]
    assert padding(plan_batches(LENGTHS, 4, 26, 42)) < 0.3 * padding(in_order)


def test_an_evaluation_begins_with_the_longest_rows():
    batches = batches_by_length([3, 9, 5, 7], 2)
    assert batches == [[1, 3], [2, 0]]


@pytest.fixture(scope="module")
def tiny():
    return load({"builtIn": "tiny"}).model


@pytest.fixture(scope="module")
def examples():
    generator = torch.Generator().manual_seed(1)
    ids = [torch.randint(3, 4000, (length,), generator=generator).tolist() for length in (12, 30, 21)]
    return [Example(str(len(row)), row, [False] * 8 + [True] * (len(row) - 8)) for row in ids]


def test_the_loss_is_that_of_full_logits(tiny, examples):
    batch = Collator(0)(examples)
    with torch.no_grad():
        loss = answer_loss(tiny, batch)
        logits = tiny(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
    expected = torch.nn.functional.cross_entropy(
        logits[:, :-1].reshape(-1, logits.shape[-1]), batch["labels"][:, 1:].reshape(-1), reduction="sum"
    )
    assert loss.total.item() == pytest.approx(expected.item(), rel=1e-5)
    assert loss.tokens == 4 + 22 + 13


def test_the_loss_does_not_depend_on_padding_and_neighbours(tiny, examples):
    with torch.no_grad():
        together = answer_loss(tiny, Collator(0)(examples))
        alone = [answer_loss(tiny, Collator(0)([example])) for example in examples]
    assert together.total.item() == pytest.approx(sum(loss.total.item() for loss in alone), rel=1e-5)
    assert together.tokens == sum(loss.tokens for loss in alone)
