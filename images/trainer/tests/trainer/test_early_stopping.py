"""When a run stops early, and which weights it publishes."""

from tests.trainer.builders import train_input
from trainer.robustness.early_stopping import Verdict, judge, watched_metric
from trainer.settings import EarlyStopping

STOPPING = EarlyStopping(patience=2, min_delta=0.1)


def after(*losses):
    verdict = Verdict()
    for step, loss in enumerate(losses, 1):
        verdict = judge(verdict, loss, step, STOPPING)
    return verdict


def test_a_falling_loss_goes_on():
    assert after(3.0, 2.0, 1.0) == Verdict(1.0, 3)


def test_a_rising_loss_stops_after_the_patience():
    assert after(3.0, 2.0, 2.5) == Verdict(2.0, 2, 1)
    assert after(3.0, 2.0, 2.5, 2.6) == Verdict(2.0, 2, 2, True)


def test_a_fall_below_the_minimum_is_no_progress():
    assert after(3.0, 2.95, 2.91).has_stopped


def test_a_better_loss_resets_the_patience():
    assert after(3.0, 3.1, 2.0, 2.1) == Verdict(2.0, 3, 1)


def test_training_19_recall_is_watched_where_there_are_such_rows():
    assert watched_metric({"eval_loss": 1.0, "eval_recall_loss": 2.0}) == "eval_recall_loss"
    assert watched_metric({"eval_loss": 1.0}) == "eval_loss"


def test_a_run_that_gets_worse_stops_and_publishes_its_best_weights(work, dataset):
    # a rate at which a random model cannot but get worse after a while
    value = train_input(
        dataset,
        training={"maxSteps": 60, "evalSteps": 2, "learningRate": 0.5, "scheduler": "constant"},
        earlyStopping={"patience": 2, "minDelta": 0.0},
    )
    run = work.run(value)
    results = run.results()
    curve = {entry["step"]: entry["eval_recall_loss"] for entry in results["history"] if "eval_loss" in entry}
    best = min(curve, key=curve.get)
    assert results["lastStep"] < 60
    assert (results["final"]["step"], results["final"]["evalRecallLoss"]) == (best, curve[best])
    assert results["lastStep"] - best >= 4
