"""Warnings about runs that came to a good end: right ones, and none about a sound run."""

import math
import random

import pytest

from tests.trainer.builders import train_input
from trainer.outcome.diagnosis import LONGEST_MESSAGE, Steps, diagnose, swings, too_few_steps
from worker.contract import problem


def history(loss, evaluation=lambda x: 1 + 2 * math.exp(-4 * x), steps=200, seed=1):
    """Training loss with the noise of batches at each step, validation loss at each twentieth."""
    draw = random.Random(seed)
    trained = [{"step": step, "loss": loss(step / steps) * (1 + draw.gauss(0, 0.15))} for step in range(1, steps + 1)]
    return [*trained, *({"step": step, "eval_loss": evaluation(step / steps)} for step in range(0, steps + 1, 10))]


def falling(x):
    return 1 + 2 * math.exp(-4 * x)


def reasons(entries, steps=200, epochs=2):
    return [warned.reason for warned in diagnose(entries, Steps(steps, epochs))]


@pytest.mark.parametrize("seed", range(10))
def test_capability_59_a_sound_run_is_not_warned_about(seed):
    assert reasons(history(falling, seed=seed)) == []


def test_capability_59_a_validation_loss_that_goes_up_and_down_is_told():
    def evaluation(x):
        return falling(x) * (1 + 0.2 * math.sin(40 * x))

    warned = diagnose(history(falling, evaluation), Steps(200, 2))
    assert [each.reason for each in warned] == ["LossOscillation"]
    assert "training.learningRate" in warned[0].message


@pytest.mark.parametrize("seed", range(5))
def test_capability_59_a_training_loss_that_goes_up_and_down_is_told(seed):
    assert reasons(history(lambda x: 2 + 1.2 * math.sin(30 * x), seed=seed)) == ["LossOscillation"]


def test_capability_59_an_overfitted_run_does_not_oscillate():
    assert reasons(history(falling, lambda x: falling(x) + 2 * x)) == []


@pytest.mark.parametrize(
    ("values", "number"),
    [([], 0), ([1, 2, 3], 0), ([3, 2, 1], 0), ([1, 2, 1], 1), ([1, 2, 1, 2, 1.0], 3), ([1, 1.04, 1, 1.04], 0)],
)
def test_a_turn_counts_when_it_is_large(values, number):
    assert swings(values, 0.1) == number


@pytest.mark.parametrize(
    ("steps", "epochs", "is_warned"),
    # 21 steps over 3 epochs are the known case: 97 to 112 samples at an effective batch of 16
    [(21, 3, True), (99, 1, True), (100, 1, False), (149, 3, True), (150, 3, False), (100, 0.5, False)],
)
def test_known_mistake_11_a_run_of_too_few_steps_is_warned_about(steps, epochs, is_warned):
    warned = too_few_steps(Steps(steps, epochs))
    assert (warned is not None) == is_warned
    if warned:
        assert warned.reason == "TooFewSteps"
        assert str(steps) in warned.message


@pytest.mark.parametrize(
    ("steps", "advice"),
    [
        (Steps(12, 0.1, are_given=True), "raise maxSteps"),
        (
            Steps(12, 3, are_given=True),
            "raise maxSteps, and make more rows, or lower training.gradientAccumulationSteps or perDeviceBatchSize",
        ),
        (Steps(200, 10, are_given=True, accumulation=1), "make more rows, or lower training.perDeviceBatchSize"),
        (Steps(21, 3, batch_size=1), "make more rows, or lower training.gradientAccumulationSteps"),
        (Steps(21, 3, batch_size=1, accumulation=1), "make more rows"),
        (Steps(60, 1, batch_size=1, accumulation=1), "raise epochs, make more rows"),
    ],
)
def test_training_20_too_few_steps_are_told_by_what_made_them_few(steps, advice):
    message = too_few_steps(steps).message
    assert message.endswith(f"little is learnt: {advice}")
    assert len(message) <= LONGEST_MESSAGE


def test_capability_90_the_result_has_the_warning(work, dataset):
    run = work.run(train_input(dataset, training={"maxSteps": 2}))
    assert problem("train-result", run.result) is None
    [warned] = run.result["summary"]["warnings"]
    assert warned["reason"] == "TooFewSteps"
    # 12 an epoch of 48 rows, two of which are trained on
    assert "2 steps, 12 an epoch" in warned["message"]
    assert "raise maxSteps" in warned["message"]
    assert run.results()["warnings"] == run.result["summary"]["warnings"]
