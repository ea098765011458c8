"""What the watchdog makes of a loss and a gradient, as a table, and a stall."""

import time

import pytest

from trainer.robustness.stall import StallWatch
from trainer.robustness.watchdog import MOST_ROLLBACKS, Limits, Watch, complaint, is_hopeless, judge

LIMITS = Limits(is_tolerant=True, loss_spike_factor=3, max_gradient_norm=100)
STRICT = Limits(is_tolerant=False, loss_spike_factor=3, max_gradient_norm=100)
NAN, INFINITE = float("nan"), float("inf")
SOUND = [(2.0, 1.0)] * 12


def after(steps, limits=LIMITS):
    """(action, trouble) of the last of some (loss, gradient norm)."""
    watch = Watch()
    for loss, norm in steps:
        watch, decision = judge(watch, loss, norm, limits)
    return decision.action, decision.trouble


@pytest.mark.parametrize(
    ("steps", "action", "trouble"),
    [
        (SOUND, "goOn", None),
        ([*SOUND, (NAN, 1.0)], "skip", "LossNotFinite"),
        ([*SOUND, (INFINITE, 1.0)], "skip", "LossNotFinite"),
        ([*SOUND, (2.0, NAN)], "skip", "GradientNotFinite"),
        ([*SOUND, *[(NAN, NAN)] * 2], "skip", "LossNotFinite"),
        ([*SOUND, *[(NAN, NAN)] * 3], "rollBack", "LossNotFinite"),
        ([*SOUND, *[(NAN, NAN)] * 2, (2.0, 1.0), (NAN, NAN)], "skip", "LossNotFinite"),
        ([*SOUND, (6.1, 1.0)], "skip", "LossSpike"),
        ([*SOUND, (5.9, 1.0)], "goOn", None),
        ([*SOUND, *[(6.1, 1.0)] * 3], "rollBack", "LossSpike"),
        # nothing is known about the level yet
        ([*SOUND[:9], (60.0, 1.0)], "goOn", None),
        # a hard row late in a run that knows all others by heart
        ([*[(0.05, 1.0)] * 12, (0.8, 1.0)], "goOn", None),
        # such losses have been seen before
        ([(7.0, 1.0), *SOUND, (6.5, 1.0)], "goOn", None),
        ([*SOUND, *[(0.0, 1.0)] * 4], "goOn", None),
        ([*SOUND, *[(0.0, 1.0)] * 5], "rollBack", "LossIsZero"),
        ([*SOUND, *[(2.0, 101.0)] * 4], "goOn", None),
        ([*SOUND, *[(2.0, 101.0)] * 5], "rollBack", "GradientTooLong"),
        ([*SOUND, *[(2.0, 101.0)] * 4, (2.0, 99.0), (2.0, 101.0)], "goOn", None),
        # of fp16, whose gradients overflow now and then
        ([*SOUND, (2.0, None)], "goOn", None),
    ],
)
def test_training_17_the_watchdog_decides(steps, action, trouble):
    assert after(steps) == (action, trouble)


def test_training_17_without_tolerance_what_is_not_finite_ends_the_run_at_once():
    assert after([(NAN, NAN)], STRICT) == ("rollBack", "LossNotFinite")
    assert is_hopeless("LossNotFinite", 0, STRICT)
    assert after([*SOUND, (60.0, 1.0)], STRICT) == ("skip", "LossSpike")


def test_training_17_a_trouble_that_comes_back_ends_the_run():
    assert [is_hopeless("LossSpike", times, LIMITS) for times in range(MOST_ROLLBACKS + 1)] == [False, False, True]
    message = complaint("LossSpike", 7, [f"row-{number}" for number in range(6)], 2)
    assert "at step 7" in message
    assert '"row-0", "row-1", "row-2", "row-3" and 2 more' in message
    assert "training.learningRate" in message


def test_training_17_a_stall_is_seen_and_a_beat_is_not():
    seen = []
    with StallWatch(0.2, seen.append) as stall:
        for _ in range(8):
            time.sleep(0.05)
            stall.beat()
        assert seen == []
        time.sleep(0.5)
    assert seen == [0.2]
