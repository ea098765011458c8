"""The verdict on overfitting against synthetic curves, and the mistaken rule of a known source against the same."""

import math
import random

import pytest

from trainer.methods.names import RANKED
from trainer.outcome.overfitting import ADVICE, Tried, detect

# whose advice is looked at elsewhere
LORA = Tried("LoRA", rows=100, weight_decay=0.01)

EVALUATIONS = 20
STEP = 10


def falling(x: float) -> float:
    return 1.0 + 2.0 * math.exp(-4 * x)


def plateau(x: float) -> float:
    return 1.5 + 1.5 * math.exp(-12 * x)


def u_shaped(x: float) -> float:
    return 1.5 + 1.5 * math.exp(-10 * x) + 1.2 * max(0.0, x - 0.35) ** 1.2


def late_turn(x: float) -> float:
    return 1.0 + 2.0 * math.exp(-6 * x) + 2.5 * max(0.0, x - 0.65) ** 1.2


def rising(x: float) -> float:
    return 2.0 + 1.0 * x


VALIDATION = {
    "falling": (falling, "none"),
    "plateau": (plateau, "none"),
    "U-shaped": (u_shaped, "confirmed"),
    "late turn": (late_turn, "confirmed"),
    "rising from the start": (rising, "confirmed"),
}


def curves(validation, noise: float, seed: int, train=lambda x: 0.9 + 2.1 * math.exp(-2 * x)):
    """(step, loss) of training at each step and of validation at each tenth, with relative Gaussian noise."""
    draw = random.Random(seed)
    last = EVALUATIONS * STEP
    return (
        [(step, train(step / last) * (1 + draw.gauss(0, 0.05))) for step in range(1, last + 1)],
        [(step, validation(step / last) * (1 + draw.gauss(0, noise))) for step in range(0, last + 1, STEP)],
    )


@pytest.mark.parametrize("noise", [0.0, 0.005, 0.02])
@pytest.mark.parametrize("name", VALIDATION)
def test_training_20_every_synthetic_curve_gets_its_verdict(name, noise):
    shape, expected = VALIDATION[name]
    verdicts = [detect(*curves(shape, noise, seed), LORA).verdict for seed in range(50)]
    assert verdicts == [expected] * 50


def mistaken_rule(losses: list[float]) -> bool:
    """Known mistake 1: it warns when the last losses fall."""
    last = losses[-3:]
    return all(last[i] > last[i + 1] for i in range(len(last) - 1))


def test_known_mistake_1_the_inverted_rule_fails_the_same_table():
    wrong = [
        name
        for name, (shape, expected) in VALIDATION.items()
        if mistaken_rule([value for _, value in curves(shape, 0, 0)[1]]) != (expected == "confirmed")
    ]
    assert {"falling", "U-shaped", "late turn", "rising from the start"} <= set(wrong)


def test_the_place_is_near_the_turn():
    verdict = detect(*curves(u_shaped, 0.005, 1), LORA)
    assert 40 <= verdict.step <= 90
    assert verdict.rise > 0.1


def test_a_gap_that_grows_while_validation_stands_still_is_suspected():
    train, validation = curves(plateau, 0.005, 3, train=lambda x: 2.4 * math.exp(-1.6 * x))
    assert detect(train, validation, LORA).verdict == "suspected"


def test_a_gap_is_not_suspected_while_validation_still_falls():
    train, validation = curves(lambda x: 3 * math.exp(-0.9 * x), 0.005, 3, train=lambda x: 2.9 * math.exp(-2.2 * x))
    assert detect(train, validation, LORA).verdict == "none"


def test_training_that_rises_too_is_no_overfitting():
    train, validation = curves(u_shaped, 0.0, 1, train=u_shaped)
    assert detect(train, validation, LORA).verdict == "none"


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_few_evaluations_give_no_verdict(number):
    train, validation = curves(rising, 0.0, 1)
    assert detect(train, validation[:number], LORA).verdict == "none"


BARE = {"rows": 100, "rank": 16, "dropout": 0.0, "weight_decay": 0.01}
DONE = {"rows": 9000, "rank": 8, "dropout": 0.1, "weight_decay": 0.1, "is_stopped_early": True}


@pytest.mark.parametrize(
    ("tried", "advice"),
    [
        *(
            (Tried(method, **BARE), ["fewerEpochs", "earlyStopping", "dropout", "weightDecay", "lowerRank", "moreRows"])
            for method in sorted(RANKED)
        ),
        # no rank, and no dropout of an adapter
        *(
            (Tried(name, **BARE), ["fewerEpochs", "earlyStopping", "weightDecay", "moreRows"])
            for name in ("Full", "IA3")
        ),
        (Tried("Freeze", **BARE), ["fewerEpochs", "earlyStopping", "weightDecay", "moreFrozen", "moreRows"]),
        (
            Tried("Freeze", **BARE, is_unfreezing=True, steps_are_given=True),
            ["fewerSteps", "earlyStopping", "weightDecay", "moreRows"],
        ),
        (Tried("PromptTuning", **BARE), ["fewerEpochs", "earlyStopping", "weightDecay", "fewerVectors", "moreRows"]),
        (Tried("LoRA", **DONE), ["fewerEpochs", "generalRows"]),
        (Tried("Full", **DONE, has_general_rows=True), ["fewerEpochs", "moreGeneralRows"]),
    ],
)
def test_training_20_advice_is_of_the_method_and_leaves_out_what_is_done_already(tried, advice):
    train, validation = curves(u_shaped, 0.0, 1)
    assert detect(train, validation, tried).advice == tuple(ADVICE[name] for name in advice)
