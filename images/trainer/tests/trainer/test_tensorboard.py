"""Events for TensorBoard: every figure once, also after a restart."""

import shutil
import struct

import pytest

from tests.trainer.builders import train_input

INTERVAL = {"everySteps": 4, "keep": 2}


def events(folder):
    """(tag, step, value) of all scalars in the files of a folder, read by the form of TFRecord."""
    from tensorboardX.proto.event_pb2 import Event

    found = []
    for file in folder.glob("events.out.tfevents.*"):
        content, place = file.read_bytes(), 0
        while place < len(content):
            (length,) = struct.unpack_from("<Q", content, place)
            event = Event.FromString(content[place + 12 : place + 12 + length])
            found += [(value.tag, event.step, value.simple_value) for value in event.summary.value]
            place += 12 + length + 4
    return found


def test_capability_55_events_have_the_curves_and_stay_out_of_the_artifact(work, short_run):
    run = work.run(short_run)
    folder = work.store / "runs" / short_run["run"]["id"] / "tensorboard"
    told = events(folder)
    losses = {step: value for tag, step, value in told if tag == "train/loss"}
    assert losses == pytest.approx({e["step"]: e["loss"] for e in run.results()["history"] if "loss" in e}, rel=1e-5)
    assert {tag for tag, _, _ in told} >= {"validation/loss", "validation/recall_loss", "train/learning_rate"}
    assert not list(run.adapter.rglob("*tfevents*"))


def test_capability_55_a_run_that_goes_on_has_every_step_once(work, dataset, short_run):
    work.run(short_run)
    folder = work.store / "runs" / short_run["run"]["id"]
    # as if it had been killed after step 8
    shutil.rmtree(folder / "checkpoints" / "step-12")
    work.run(train_input(dataset, checkpoint=INTERVAL))
    steps = [step for tag, step, _ in events(folder / "tensorboard") if tag == "train/loss"]
    assert sorted(steps) == list(range(1, 13))
