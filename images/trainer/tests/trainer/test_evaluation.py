"""What is measured on validation rows while a run goes on, and at its end."""

import pytest
import torch

from tests.trainer.builders import rows, train_input
from trainer.data.batches import Collator
from trainer.data.examples import Example
from trainer.optimization.loop import AnswerTrainer
from trainer.optimization.loss import answer_loss
from trainer.settings import evaluation_interval
from worker.models import load


@pytest.fixture
def sizes(monkeypatch):
    """(rows, whether gradients are kept) of each batch."""
    seen = []

    def spy(model, batch, *_):
        seen.append((len(batch["input_ids"]), torch.is_grad_enabled()))
        return answer_loss(model, batch)

    monkeypatch.setattr("trainer.optimization.loop.answer_loss", spy)
    return seen


def test_training_18_the_last_evaluation_takes_all_validation_rows_in_batches_of_the_training(work, sizes):
    dataset = work.dataset(rows(recall=20, unseen=20))
    results = work.run(train_input(dataset, training={"maxSteps": 4})).results()
    assert results["rows"]["curves"] == {"recall": 8, "unseen": 8}
    last = [entry for entry in results["history"] if "eval_loss" in entry][-1]
    assert results["final"]["step"] == last["step"]
    assert results["final"]["evalRecallLoss"] != last["eval_recall_loss"]
    evaluated = [size for size, has_gradient in sizes if not has_gradient]
    # two evaluations of 16 rows, and one of 40
    assert sum(evaluated) == 2 * 16 + 40
    assert max(evaluated) == 4


@pytest.mark.parametrize(
    ("asked", "is_stopped_early", "steps"), [(None, False, 20), (500, False, 500), (500, True, 20), (5, True, 5)]
)
def test_training_18_early_stopping_has_ten_evaluations(asked, is_stopped_early, steps):
    assert evaluation_interval(asked, 200, is_stopped_early) == steps


def test_capability_58_token_accuracy_counts_what_the_model_would_have_said():
    model = load({"builtIn": "tiny"}).model
    ids = torch.randint(3, 4000, (30,), generator=torch.Generator().manual_seed(1)).tolist()
    with torch.no_grad():
        said = model(input_ids=torch.tensor([ids])).logits[0].argmax(-1).tolist()
        # the model sees the tokens before, so a right one in the middle does not change what it says later
        ids[-1] = said[-2]
        loss = answer_loss(model, Collator(0)([Example("row", ids, [False] * 20 + [True] * 10)]))
    assert (loss.hits, loss.tokens) == (1, 10)


def test_capability_47_a_run_that_gets_worse_publishes_its_best_weights_without_early_stopping(
    work, dataset, monkeypatch
):
    measure = AnswerTrainer.measure

    def worse_after_four(self, curves):
        away = abs(self.state.global_step - 4)
        return {name: value + (away if name.endswith("loss") else 0) for name, value in measure(self, curves).items()}

    monkeypatch.setattr(AnswerTrainer, "measure", worse_after_four)
    results = work.run(train_input(dataset, training={"maxSteps": 8, "evalSteps": 2})).results()
    curve = {entry["step"]: entry["eval_recall_loss"] for entry in results["history"] if "eval_loss" in entry}
    assert (results["lastStep"], results["final"]["step"]) == (8, 4)
    # measured at the end, so with what is added there, and with the weights of the fourth step
    assert results["final"]["evalRecallLoss"] == pytest.approx(curve[4] + 4)
