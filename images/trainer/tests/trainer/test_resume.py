"""A run that is killed goes on as if nothing had happened: the artifacts, with the whole course in them, are equal."""

import json
import shutil
import signal
import time

import pytest

from tests.trainer.builders import train_input
from trainer.optimization.loop import AnswerTrainer


def wait_for(process, text, number=1):
    """Read the log until `text` was in `number` lines."""
    for line in process.stdout:
        number -= text in line
        if number == 0:
            return
    pytest.fail(f'the trainer ended without saying "{text}"')


@pytest.fixture
def value(dataset):
    return train_input(dataset, training={"maxSteps": 40, "evalSteps": 8}, checkpoint={"everySteps": 8, "keep": 2})


@pytest.fixture
def undisturbed(work, value):
    digest = work.run(value).digest
    shutil.rmtree(work.store / "runs")
    return digest


def test_after_sigterm_a_run_goes_on_to_the_same_artifact(work, value, undisturbed):
    process = work.start(value)
    wait_for(process, '"step": 11,')
    process.send_signal(signal.SIGTERM)
    stopped = work.wait(process)
    assert (stopped.code, stopped.result["reason"]) == (40, "PreemptedSaved")
    resumed = work.wait(work.start(value))
    assert (resumed.code, resumed.digest) == (0, undisturbed)


def test_after_kill_a_run_goes_on_from_the_last_checkpoint_to_the_same_artifact(work, value, undisturbed):
    process = work.start(value)
    wait_for(process, '"step": 19,')
    process.kill()
    process.communicate()
    newest = max((work.store / "runs").glob("*/checkpoints/step-*"), key=lambda path: int(path.name[5:]))
    # as after a power cut in the middle of a write
    with (newest / "optimizer.pt").open("r+b") as file:
        file.truncate(1000)
    resumed = work.wait(work.start(value))
    assert (resumed.code, resumed.digest) == (0, undisturbed)
    lines = (next((work.store / "runs").iterdir()) / "progress.jsonl").read_text("utf-8").splitlines()
    steps = [json.loads(line)["step"] for line in lines]
    assert steps == sorted(steps)
    assert set(steps) >= set(range(1, 41))


def test_sigterm_while_gradients_accumulate_loses_no_step(work, dataset):
    value = train_input(
        dataset, training={"maxSteps": 6, "gradientAccumulationSteps": 12, "perDeviceBatchSize": 2, "evalSteps": 2}
    )
    undisturbed = work.run(value).digest
    shutil.rmtree(work.store / "runs")
    process = work.start(value)
    wait_for(process, '"step": 3,')
    time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    assert work.wait(process).code == 40
    assert work.wait(work.start(value)).digest == undisturbed


def test_sigterm_before_the_first_step_says_that_nothing_is_saved(work, value):
    process = work.start(value)
    # the log begins before torch is imported
    time.sleep(2)
    process.send_signal(signal.SIGTERM)
    stopped = work.wait(process)
    assert (stopped.code, stopped.result["reason"]) in {(41, "PreemptedUnsaved"), (40, "PreemptedSaved")}


def test_training_22_a_last_look_that_sigterm_cut_off_is_made_up_for(work, short_run, monkeypatch):
    undisturbed = work.run(short_run).digest
    shutil.rmtree(work.store / "runs")
    measure = AnswerTrainer.measure

    def cut_off(self, curves):
        self.termination.is_requested = self.state.global_step == self.state.max_steps
        return measure(self, curves)

    with monkeypatch.context() as patched:
        patched.setattr(AnswerTrainer, "measure", cut_off)
        assert work.run(short_run).code == 40
    resumed = work.run(short_run)
    assert (resumed.code, resumed.digest) == (0, undisturbed)


def test_a_finished_run_is_published_again_without_training(work, short_run):
    first = work.run(short_run)
    shutil.rmtree(first.adapter)
    again = work.run(short_run)
    assert again.result["artifact"] == first.result["artifact"]
    assert again.result["summary"]["tokensPerSecond"] is None
