"""A run with trouble: a bad step is left out, a bad stretch is gone back over, and a hopeless run names its rows."""

import json
import os

import pytest
import torch

from tests.trainer.builders import row, rows, train_input
from trainer.data.batches import IGNORED
from trainer.optimization.loss import TokenLoss, answer_loss
from trainer.robustness.stall import end_stalled
from worker.contract import problem


@pytest.fixture
def value(dataset):
    return train_input(dataset, training={"maxSteps": 10, "evalSteps": 5}, checkpoint={"everySteps": 3, "keep": 3})


@pytest.fixture
def trouble(monkeypatch):
    """Makes the loss of the training batches with these numbers NaN, counted from 1 over all attempts."""

    def make(numbers):
        trained = iter(range(1, 1000))

        def loss(model, batch, *_):
            sound = answer_loss(model, batch)
            # the rehearsal is a batch as well, and comes before the first one of each attempt
            is_bad = torch.is_grad_enabled() and next(trained) in numbers
            return TokenLoss(sound.total * float("nan"), sound.tokens) if is_bad else sound

        monkeypatch.setattr("trainer.optimization.loop.answer_loss", loss)

    return make


def test_training_17_a_step_without_a_finite_loss_is_skipped(work, value, trouble):
    trouble({1 + 5})
    results = work.run(value).results()
    steps = {entry["step"]: entry for entry in results["history"] if "learning_rate" in entry}
    assert [step for step, entry in steps.items() if "skipped" in entry] == [5]
    assert "loss" not in steps[5]
    assert results["lastStep"] == 10
    assert results["interventions"] == []


def test_training_17_a_run_goes_back_to_the_last_good_checkpoint_with_half_the_learning_rate(work, value, trouble):
    undisturbed = work.run({**value, "run": {**value["run"], "id": "aaaaaaaaaaaaaaaa"}}).results()
    trouble({1 + 5, 1 + 6, 1 + 7})
    run = work.run(value)
    results = run.results()
    assert [(each["kind"], each["step"]) for each in results["interventions"]] == [("RollBack", 3)]

    def course(found, name):
        return {entry["step"]: entry[name] for entry in found["history"] if name in entry}

    before, rates = course(undisturbed, "learning_rate"), course(results, "learning_rate")
    assert rates == {step: rate / (2 if step > 3 else 1) for step, rate in before.items()}
    losses = course(results, "loss")
    assert list(losses) == list(range(1, 11))
    # the fourth step sees the same rows with the same weights as it would have without trouble, bit by bit
    assert {step: losses[step] for step in range(1, 5)} == {
        step: course(undisturbed, "loss")[step] for step in range(1, 5)
    }
    assert "RolledBack" in [warned["reason"] for warned in run.result["summary"]["warnings"]]
    lines = (work.store / "runs" / value["run"]["id"] / "progress.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(lines[-1])[name] for name in ("rollbacks", "rollback_step")] == [1, 3]


def test_training_17_rows_that_break_a_run_are_named(work, monkeypatch):
    content = [*rows(train=11), row(999)]
    value = train_input(work.dataset(content), training={"maxSteps": 30, "perDeviceBatchSize": 1, "evalSteps": 30})

    def loss(model, batch, *_):
        sound = answer_loss(model, batch)
        is_bad = torch.is_grad_enabled() and int((batch["labels"] != IGNORED).sum()) > 0
        return TokenLoss(sound.total * float("inf"), sound.tokens) if is_bad else sound

    monkeypatch.setattr("trainer.optimization.loop.answer_loss", loss)
    failed = work.run(value)
    assert (failed.code, failed.result["reason"]) == (30, "LossNotFinite")
    ids = [entry["id"] for entry in content]
    assert any(f'"{name}"' in failed.result["message"] for name in ids)
    assert "after 2 returns" in failed.result["message"]


def test_training_17_without_tolerance_there_is_no_way_back(work, value, trouble):
    trouble({1 + 2})
    failed = work.run({**value, "watchdog": {**value["watchdog"], "nonFinite": "Fail"}})
    assert (failed.code, failed.result["reason"]) == (30, "LossNotFinite")
    assert "step 2" in failed.result["message"]


def test_training_4_a_run_that_fails_tells_what_it_leaves(work, value, trouble):
    trouble({1 + 8})
    failed = work.run({**value, "watchdog": {**value["watchdog"], "nonFinite": "Fail"}})
    assert failed.code == 30
    assert failed.result["lastCheckpoint"] == "step-6"
    assert failed.result["best"]["step"] in range(7)
    assert failed.result["best"]["loss"] > 0
    assert problem("failure", failed.result) is None


def test_training_4_a_run_that_fails_before_it_saved_leaves_nothing(work, value, trouble):
    trouble({1 + 2})
    failed = work.run({**value, "watchdog": {**value["watchdog"], "nonFinite": "Fail"}})
    assert {"lastCheckpoint", "best"} & set(failed.result) == set()


def test_training_17_a_process_that_stands_still_ends_with_a_code_that_is_worth_another_try(tmp_path, monkeypatch):
    monkeypatch.setenv("DOCTUNE_RESULT", str(tmp_path / "result.json"))
    child = os.fork()
    if child == 0:
        end_stalled(600)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 60
    result = json.loads((tmp_path / "result.json").read_text("utf-8"))
    assert result["reason"] == "Stalled"
    assert "watchdog.stallSeconds" in result["message"]
