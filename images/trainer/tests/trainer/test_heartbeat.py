"""Reports come by time as well: a step, a load or an export may take longer than a report should be away."""

import time

import pytest

from tests.trainer.builders import train_input
from trainer.exports.write import write_exports
from trainer.optimization.loop import AnswerTrainer
from trainer.progress.reporting import ReportCallback
from trainer.recipe import load_base
from worker.progress import Reporter


class Meter:
    warning = None

    def metrics(self, _tokens_per_second):
        return {}


class Posts(Reporter):
    def __init__(self):
        super().__init__(None)
        self.posts = []

    def post(self, percent, metrics, remaining_seconds=None):
        self.posts.append((percent, metrics))


def test_training_25_a_long_step_reports_again_what_is_known(tmp_path, monkeypatch):
    posts = Posts()
    callback = ReportCallback(posts, tmp_path, 5, lambda: 0, lambda: 0.0, Meter())
    now = time.monotonic()
    monkeypatch.setattr("trainer.progress.reporting.time.monotonic", lambda: now)
    callback.on_train_begin(None, State(3, 12), None)
    assert [percent for percent, _ in posts.posts] == [25]
    now += 59
    callback.beat()
    assert len(posts.posts) == 1
    now += 2
    callback.beat()
    callback.beat()
    assert len(posts.posts) == 2
    assert posts.posts[1] == posts.posts[0]


class State:
    def __init__(self, step, total):
        self.global_step, self.max_steps, self.log_history = step, total, []


@pytest.fixture
def sent(monkeypatch):
    """The reports of runs, of which repeated ones come at once."""
    reports = []
    monkeypatch.setenv("KUBEFLOW_TRAINER_SERVER_URL", "http://operator")
    monkeypatch.setattr(Reporter, "_send", lambda _, body: reports.append(body["trainerStatus"]))
    monkeypatch.setattr("worker.progress.QUIET_SECONDS", 0.01)
    return reports


def slowed(function, sent):
    """The function, which takes until some more reports have come."""

    def slow(*arguments):
        least, deadline = len(sent) + 3, time.monotonic() + 30
        while len(sent) < least:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return function(*arguments)

    return slow


def figures_of(report):
    return {metric["name"]: metric["value"] for metric in report["metrics"]}


def test_training_25_reports_come_while_a_model_is_loaded_and_exported(work, dataset, monkeypatch, sent):
    monkeypatch.setattr("trainer.recipe.load_base", slowed(load_base, sent))
    monkeypatch.setattr("trainer.exports.write.write_exports", slowed(write_exports, sent))
    assert work.run(train_input(dataset, training={"maxSteps": 2}, output={"merged": True})).code == 0
    assert (sent[0]["progressPercentage"], sent[-1]["progressPercentage"]) == (0, 100)


def test_training_25_a_step_that_hangs_falls_silent(work, dataset, monkeypatch, sent):
    told = []
    training_step = AnswerTrainer.training_step

    def hang(*arguments):
        time.sleep(0.3)
        told[:] = [figures_of(report) for report in sent]
        return training_step(*arguments)

    monkeypatch.setattr(AnswerTrainer, "training_step", hang)
    assert work.run(train_input(dataset, training={"maxSteps": 3})).code == 0
    # since the training began
    told = [figures for figures in told if "total_steps" in figures]
    assert told
    assert all(before != after for before, after in zip(told, told[1:], strict=False))


def test_training_25_a_run_that_goes_on_tells_its_checkpoint_and_not_that_it_begins(work, dataset, sent):
    value = train_input(dataset, training={"maxSteps": 4})
    work.run(value)
    sent.clear()
    assert work.run(value).code == 0
    assert figures_of(sent[0])["step"] == "4"
    assert "progressPercentage" not in sent[0]
