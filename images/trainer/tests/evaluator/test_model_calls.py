"""Greedy answers equal those of transformers, and losses do not depend on padding or batch."""

import pytest
import torch

from evaluator import likelihood
from evaluator.generate import Interrupted, generate
from evaluator.likelihood import answer_losses
from worker.models import BaseModel, load

TEXTS = [
    "short",
    "a prompt of some more words than the first one has",
    "one that is a good deal longer still, since it goes on and on about routes, hooks, plugins and their options",
    "server.listen({ port: 3000 })",
    "why?",
]
MAXIMUM = 24


@pytest.fixture(scope="module")
def base() -> BaseModel:
    return load({"builtIn": "tiny"})


@pytest.fixture(scope="module")
def prompts(base: BaseModel) -> list[list[int]]:
    return [base.tokenizer.encode(text, add_special_tokens=False) for text in TEXTS]


def alone(base: BaseModel, prompt: list[int]) -> list[int]:
    """What transformers itself answers to one prompt without padding, never ending."""
    out = base.model.generate(
        input_ids=torch.tensor([prompt]),
        attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
        do_sample=False,
        min_new_tokens=MAXIMUM,
        max_new_tokens=MAXIMUM,
    )
    return out[0, len(prompt) :].tolist()


def test_each_row_of_a_batch_says_what_transformers_says_alone(base: BaseModel, prompts: list[list[int]]) -> None:
    expected = [alone(base, prompt) for prompt in prompts]
    # every row ends at another step: two tokens of their answers are taken for ends
    ends = [expected[0][3], expected[2][11]]
    assert len({next((at for at, token in enumerate(row) if token in ends), None) for row in expected}) > 2
    answers = generate(base.model, prompts, ends, MAXIMUM, base.tokenizer.pad_token_id, lambda: False)
    for answer, whole in zip(answers, expected, strict=True):
        end = next((at for at, token in enumerate(whole) if token in ends), None)
        assert answer.ids == whole[:end]
        assert answer.has_ended == (end is not None)


def test_generation_stops_between_two_tokens_when_asked(base: BaseModel, prompts: list[list[int]]) -> None:
    asked = iter([False] * 5 + [True] * 20)
    with pytest.raises(Interrupted):
        generate(base.model, prompts, [], MAXIMUM, base.tokenizer.pad_token_id, lambda: next(asked))
    assert len(list(asked)) == 19


def directly(base: BaseModel, prompt: list[int], answer: list[int]) -> float:
    """The definition: one row, no padding, all logits."""
    with torch.no_grad():
        scores = base.model(torch.tensor([prompt + answer])).logits[0].double().log_softmax(dim=-1)
    return -sum(scores[len(prompt) + at - 1, token].item() for at, token in enumerate(answer))


@pytest.mark.parametrize("size", [1, 2, 5])
def test_evaluation_4_the_loss_of_an_answer_does_not_depend_on_padding_or_batch(
    base: BaseModel, prompts: list[list[int]], size: int
) -> None:
    answers = [prompts[(row + 2) % 5] for row in range(5)]
    rows = list(zip(prompts, answers, strict=True))
    losses = [
        loss
        for start in range(0, 5, size)
        for loss in answer_losses(base.model, rows[start : start + size], base.tokenizer.pad_token_id)
    ]
    for loss, (prompt, answer) in zip(losses, rows, strict=True):
        assert loss == pytest.approx(directly(base, prompt, answer), rel=1e-4)


def test_logits_that_would_fill_the_memory_are_computed_in_parts(
    base: BaseModel, prompts: list[list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = list(zip(prompts, prompts[::-1], strict=True))
    pad = base.tokenizer.pad_token_id
    whole = answer_losses(base.model, rows, pad)
    calls: list[int] = []
    compute = likelihood._losses
    monkeypatch.setattr(likelihood, "MAX_LOGITS", 2 * 30 * base.model.config.vocab_size)
    monkeypatch.setattr(likelihood, "_losses", lambda *given: calls.append(len(given[1])) or compute(*given))
    assert answer_losses(base.model, rows, pad) == pytest.approx(whole, rel=1e-4)
    assert len(calls) > 1
