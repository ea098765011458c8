"""What a training publishes is evaluated whatever its method: an adapter, trained vectors, or a whole model."""

import pytest

from evaluator.generate import generate
from evaluator.likelihood import answer_losses
from evaluator.subject import load_subject
from tests.trainer.builders import rows, train_input
from tests.trainer.workplace import Workplace
from worker.models import load

TINY = {"builtIn": "tiny"}
PROMPTS = [[1, 300, 301, 302], [1, 400]]
ANSWERS = [[500, 501, 2], [600, 2]]


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return Workplace(tmp_path_factory.mktemp("subject"))


@pytest.fixture(scope="module")
def dataset(work):
    return work.dataset(rows(8, 2, 2))


@pytest.mark.parametrize(
    ("method", "is_shared"), [("Full", False), ("PromptTuning", True), ("LoRA", True), ("bias", False)]
)
def test_training_11_both_models_answer_for_themselves(work, dataset, method, is_shared):
    import torch

    changes = {"lora": {"bias": "all"}} if method == "bias" else {"method": method}
    value = train_input(dataset, run={"id": method.encode().hex().ljust(8, "0")}, **changes)
    value["training"] |= {"maxSteps": 2, "evalSteps": 2, "learningRate": 0.01}
    run = work.run(value)
    subject = load_subject(TINY, run.adapter)
    assert subject.is_shared == is_shared
    ids = torch.tensor([PROMPTS[0]])
    with subject.acting_as("base") as base, torch.inference_mode():
        assert torch.equal(base(input_ids=ids).logits, load(TINY).model(input_ids=ids).logits)
        base_losses = answer_losses(base, list(zip(PROMPTS, ANSWERS, strict=True)), 0)
    with subject.acting_as("tuned") as tuned:
        losses = answer_losses(tuned, list(zip(PROMPTS, ANSWERS, strict=True)), 0)
        alone = answer_losses(tuned, [(PROMPTS[1], ANSWERS[1])], 0)
        written = generate(tuned, PROMPTS, [2], 6, 0, lambda: False)
    assert losses != base_losses
    # a row that is padded beside a longer one says the same
    assert losses[1] == pytest.approx(alone[0], rel=1e-4)
    if method != "PromptTuning":
        return
    expected = subject.tuned.generate(
        input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=6, do_sample=False, eos_token_id=2
    )[0]
    assert written[0].ids == [token for token in expected.tolist() if token not in PROMPTS[0]][: len(written[0].ids)]
