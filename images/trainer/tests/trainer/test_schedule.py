"""How the learning rate goes on over the steps."""

import pytest
import torch

from tests.trainer.builders import row, rows, train_input
from trainer.methods.settings import resolve_method
from trainer.optimization.loop import AnswerTrainer
from trainer.optimization.schedule import make_schedule, plateau
from trainer.settings import resolve_settings


def rates(scheduler, steps=40, warmup=0.1, history=()):
    """The learning rate of each step, as a share of the peak."""
    value = train_input({}, training={"scheduler": scheduler, "maxSteps": steps, "warmup": warmup, "learningRate": 1.0})
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = make_schedule(
        optimizer, resolve_settings(value, 100, "fp32", resolve_method(value, "LoRA")), lambda: list(history)
    )
    seen = []
    for _ in range(steps):
        seen.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return seen


def evaluations(*losses, every=5):
    return [{"step": every * index, "eval_loss": loss} for index, loss in enumerate(losses)]


def test_training_15_wsd_warms_up_stays_and_falls_at_the_end():
    seen = rates("wsd")
    assert seen[0] == 0
    assert seen[4:36] == [1.0] * 32
    assert seen[36:] == sorted(seen[36:], reverse=True)
    assert seen[-1] < 0.5


@pytest.mark.parametrize("scheduler", ["cosine", "linear"])
def test_training_15_the_rate_falls_to_nothing(scheduler):
    seen = rates(scheduler)
    assert max(seen) == seen[4] == 1.0
    assert seen[-1] < 0.05


def test_training_15_the_rate_is_halved_where_the_loss_stands_still():
    seen = rates("reduce_on_plateau", history=evaluations(3, 2, 1, 1, 1, 1, 1))
    # the third look at a loss of 1 is that of step 20: the rate was set for that step before it
    assert seen[4:21] == [1.0] * 17
    assert seen[21:31] == [0.5] * 10
    assert seen[31:] == [0.25] * 9


def test_training_15_a_falling_loss_keeps_the_rate():
    assert rates("reduce_on_plateau", history=evaluations(*[3 * 0.9**n for n in range(8)]))[4:] == [1.0] * 36


def test_training_15_the_rate_follows_recall_where_there_are_such_rows():
    entries = [{**entry, "eval_recall_loss": 3 - entry["step"] / 10} for entry in evaluations(*[1] * 6)]
    assert plateau(entries, 100) == 1.0
    assert plateau(evaluations(*[1] * 6), 100) == 0.25


@pytest.mark.parametrize(("asked", "steps"), [(0.05, 10), (0.1, 20), (0.5, 20)])
def test_training_15_no_more_than_a_tenth_of_the_steps_warm_up(asked, steps):
    value = train_input({}, training={"maxSteps": 200, "warmup": asked})
    assert resolve_settings(value, 100, "fp32", resolve_method(value, "LoRA")).warmup_steps == steps


def test_capability_42_a_rate_that_follows_the_loss_needs_validation_rows(work, monkeypatch):
    monkeypatch.setattr("trainer.recipe.load", lambda *_, **__: pytest.fail("weights were loaded"))
    value = train_input(work.dataset([row(number) for number in range(8)]), training={"scheduler": "reduce_on_plateau"})
    failed = work.run(value)
    assert (failed.code, failed.result["reason"]) == (10, "NoValidationRows")
    assert "training.scheduler" in failed.result["message"]


def test_capability_42_validation_rows_that_are_all_too_long_are_none(work):
    [long] = rows(0, 1, 0)
    long["messages"][1]["content"] = "It does this. " * 200
    dataset = work.dataset([*rows(8, 0, 0), long])
    failed = work.run(train_input(dataset, training={"scheduler": "reduce_on_plateau"}))
    assert (failed.code, failed.result["reason"]) == (10, "NoValidationRows")


def test_capability_42_the_rate_of_a_run_follows_its_loss(work, dataset, monkeypatch):
    measure = AnswerTrainer.measure

    def ever_worse(self, curves):
        added = self.state.global_step
        return {name: value + (added if name.endswith("loss") else 0) for name, value in measure(self, curves).items()}

    monkeypatch.setattr(AnswerTrainer, "measure", ever_worse)
    training = {"scheduler": "reduce_on_plateau", "maxSteps": 8, "evalSteps": 1, "learningRate": 1e-3, "warmup": 0}
    history = work.run(train_input(dataset, training=training)).results()["history"]
    seen = {entry["step"]: entry["learning_rate"] / 1e-3 for entry in history if "learning_rate" in entry}
    assert [seen[step] for step in range(1, 9)] == [plateau(history, step - 1) for step in range(1, 9)]
    # no progress at the looks of steps 1 and 2: known when the rate of the fourth step was set
    assert [seen[step] for step in range(1, 9)] == [1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.125]


def test_capability_43_a_long_gradient_is_cut(work, dataset, monkeypatch):
    used = []

    def measure(_self, args, state, control, model=None, **_):
        gradients = [weight.grad.norm() for weight in model.parameters() if weight.grad is not None]
        used.append(torch.stack(gradients).norm().item())

    monkeypatch.setattr("trainer.robustness.guard.GuardCallback.on_pre_optimizer_step", measure, raising=False)
    run = work.run(train_input(dataset, training={"maxSteps": 2, "maxGradNorm": 0.1}))
    found = [entry["grad_norm"] for entry in run.results()["history"] if "grad_norm" in entry]
    assert min(found) > 0.5
    assert used == pytest.approx([0.1, 0.1], rel=1e-3)
