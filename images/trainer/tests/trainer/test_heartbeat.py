"""Reports come by time as well: a step may take longer than a report should be away."""

import time

from trainer.progress.reporting import ReportCallback
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
