"""What SIGTERM does to a worker: asked for between steps, at once where that is safe, and by force when time is up."""

import json
import os
import signal
import time

import pytest

from worker.shell import run
from worker.termination import Interrupted, Termination


@pytest.fixture
def termination():
    before = signal.getsignal(signal.SIGTERM)
    yield Termination().install()
    signal.signal(signal.SIGTERM, before)


def test_between_steps_it_is_a_flag(termination):
    os.kill(os.getpid(), signal.SIGTERM)
    assert termination.is_requested


def test_training_22_what_can_be_done_again_is_given_up_at_once(termination):
    with pytest.raises(Interrupted), termination.interruptible():
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)
        pytest.fail("not interrupted")
    os.kill(os.getpid(), signal.SIGTERM)


def test_training_22_it_is_not_begun_when_sigterm_has_come(termination):
    os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(Interrupted), termination.interruptible():
        pytest.fail("begun")


@pytest.mark.parametrize(("is_saved", "code"), [(True, 40), (False, 41)])
def test_training_22_work_that_does_not_stop_is_ended_in_time(tmp_path, monkeypatch, is_saved, code):
    result = tmp_path / "result.json"
    monkeypatch.setattr("worker.shell.read_input", lambda _: {})
    monkeypatch.setenv("DOCTUNE_RESULT", str(result))
    monkeypatch.setenv("DOCTUNE_GRACE_SECONDS", "0.5")

    def work(_value, _reporter, termination):
        termination.is_saved = is_saved
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(20)
        os._exit(0)

    child = os.fork()
    if child == 0:
        run("train-input", work)
        os._exit(0)
    began = time.monotonic()
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == code
    assert time.monotonic() - began < 10
    assert json.loads(result.read_text("utf-8"))["exitCode"] == code
