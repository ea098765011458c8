"""Batches are planned once for a run, and the loss does not depend on how rows are put together."""

import itertools

import pytest
import torch

from trainer.data.batches import Collator, batches_by_length
from trainer.data.examples import Example
from trainer.data.plan import Draw, plan_batches
from trainer.optimization.loss import answer_loss, share_of_step
from worker.models import load

LENGTHS = [10 + (7 * number) % 90 for number in range(103)]


def plan(number, seed=42):
    """Batches of rows, none of them packed."""
    draw = Draw(LENGTHS, LENGTHS, [False] * len(LENGTHS), 4, seed)
    return [[row for (row,) in batch] for batch in plan_batches(draw, number)]


def test_each_epoch_has_every_row_once():
    batches = plan(2 * 26)
    for epoch in (batches[:26], batches[26:]):
        assert sorted(itertools.chain(*epoch)) == list(range(103))
    assert batches[:26] != batches[26:]


def test_the_plan_depends_on_the_seed_alone():
    assert plan(30, seed=1) == plan(60, seed=1)[:30]
    assert plan(30, seed=1) != plan(30, seed=2)


def test_rows_of_a_batch_have_about_the_same_length():
    def padding(batches):
        return sum(max(LENGTHS[row] for row in batch) - LENGTHS[row] for batch in batches for row in batch)

    in_order = [list(range(start, min(start + 4, 103))) for start in range(0, 103, 4)]
    assert padding(plan(26)) < 0.3 * padding(in_order)


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


def test_tokens_that_are_known_count_and_have_no_gradient(tiny, examples):
    weights = [parameter for parameter in tiny.parameters() if parameter.requires_grad]
    batch = Collator(0)(examples)
    with torch.no_grad():
        logits = tiny(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits[:, :-1]
    targets = batch["labels"][:, 1:]
    chosen = logits.float().softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    # the median, so that there are tokens of both kinds
    border = float(chosen[targets >= 0].median())

    def gradient(loss):
        return torch.cat([each.flatten() for each in torch.autograd.grad(loss, weights)])

    loss = answer_loss(tiny, batch, border)
    assert loss.total.item() == pytest.approx(answer_loss(tiny, batch).total.item(), rel=1e-5)
    assert loss.tokens == 4 + 22 + 13
    unknown = batch | {"labels": batch["labels"].clone()}
    unknown["labels"][:, 1:][(chosen >= border) & (targets >= 0)] = -100
    alone = answer_loss(tiny, unknown)
    assert 0 < alone.tokens < loss.tokens
    torch.testing.assert_close(gradient(loss.total), gradient(alone.total), atol=1e-5, rtol=1e-4)


def test_training_9_each_token_of_a_step_weighs_the_same_on_however_many_devices(tiny, examples):
    weights = [parameter for parameter in tiny.parameters() if parameter.requires_grad]

    def gradient(groups):
        """Mean of what each device adds, as DistributedDataParallel makes it."""
        tokens = 4 + 22 + 13
        sums = [torch.zeros_like(weight) for weight in weights]
        for group in groups:
            loss = share_of_step(answer_loss(tiny, Collator(0)(group)).total, tokens, len(groups))
            for each, part in zip(sums, torch.autograd.grad(loss, weights), strict=True):
                each.add_(part / len(groups))
        return torch.cat([each.flatten() for each in sums])

    alone, apart = gradient([examples]), gradient([examples[:1], examples[1:]])
    # a mean of means would weigh the four tokens of the first row like the thirty-five of the others
    torch.testing.assert_close(alone, apart, atol=1e-6, rtol=1e-4)
