"""Runs of several processes, started by torchrun over loopback: in one pod, and in two that stand in for nodes."""

import json
import os
import shutil
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from tests.trainer.builders import train_input
from tests.trainer.test_tensorboard import events

NODES = ("0", "1")


def value_of(dataset, **training):
    return train_input(
        dataset,
        lora={"dropout": 0.0},
        training={"maxSteps": 16, "evalSteps": 8, "perDeviceBatchSize": 2, **training},
        checkpoint={"everySteps": 4, "keep": 2},
    )


def start_nodes(work, value):
    """Two pods of one process, each with its launcher, as an Indexed Job has them."""
    pods = {"NNODES": "2", "NPROC_PER_NODE": "1", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29611"}
    return [work.start(value, f"result-{node}.json", **pods, JOB_COMPLETION_INDEX=node) for node in NODES]


def wait_nodes(work, nodes):
    return [work.wait(process, f"result-{node}.json") for process, node in zip(nodes, NODES, strict=True)]


def wait_for(process, text):
    for line in process.stdout:
        if text in line:
            return
    pytest.fail(f'the run ended without saying "{text}"')


def below(process: int) -> list[int]:
    """Numbers of all processes that descend from one, itself first."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = int(stat.read_text("utf-8").rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(stat.parent.name))
    found = [process]
    for one in found:
        found += children.get(one, [])
    return found


def losses(run):
    return [entry["loss"] for entry in run.results()["history"] if "loss" in entry]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    from tests.trainer.builders import rows
    from tests.trainer.workplace import Workplace

    work = Workplace(tmp_path_factory.mktemp("distributed"))
    # the last step of an epoch has one row: one of two processes has nothing to train in it
    return work, work.dataset(rows(train=45))


@pytest.fixture(scope="module")
def two(place):
    """An undisturbed run of two processes in one pod."""
    work, dataset = place
    run = work.wait(work.start(value_of(dataset), NNODES="1", NPROC_PER_NODE="2"))
    shutil.rmtree(work.store / "runs")
    return run


def test_training_9_two_processes_train_as_one_does(place, two):
    work, dataset = place
    assert (two.code, two.result["reason"]) == (0, "Trained")
    one = work.run(value_of(dataset, perDeviceBatchSize=4))
    shutil.rmtree(work.store / "runs")
    assert two.results()["settings"]["world_size"] == 2
    assert losses(two) == pytest.approx(losses(one), abs=1e-4)
    assert two.result["summary"]["evalLoss"] == pytest.approx(one.result["summary"]["evalLoss"], abs=1e-4)


def test_training_14_a_run_of_two_pods_survives_a_kill_and_an_eviction_bit_for_bit(place, two):
    work, dataset = place
    value = value_of(dataset)
    nodes = start_nodes(work, value)
    wait_for(nodes[0], '"step": 6,')
    for process in below(nodes[1].pid):
        os.kill(process, signal.SIGKILL)
    nodes[1].communicate()
    assert (work.wait(nodes[0], "result-0.json").code, nodes[1].returncode) == (42, -9)

    nodes = start_nodes(work, value)
    wait_for(nodes[0], '"step": 10,')
    nodes[1].send_signal(signal.SIGTERM)
    assert [(end.code, end.result["reason"]) for end in wait_nodes(work, nodes)] == [(40, "PreemptedSaved")] * 2

    ended = wait_nodes(work, start_nodes(work, value))
    assert [(end.code, end.digest) for end in ended] == [(0, two.digest)] * 2
    lines = next((work.store / "runs").glob("*/progress.jsonl")).read_text("utf-8").splitlines()
    steps = [json.loads(line)["step"] for line in lines]
    shutil.rmtree(work.store / "runs")
    assert steps == sorted(steps)


def test_training_24_the_first_of_two_processes_looks_where_attention_goes_and_changes_nothing(place, two):
    work, dataset = place
    probed = work.wait(work.start(value_of(dataset, attentionProbe=True), NNODES="1", NPROC_PER_NODE="2"))
    assert probed.code == 0
    [folder] = {path.parent for path in (work.store / "runs").rglob("events.out.tfevents.*")}
    steps = [step for name, step, value in events(folder) if name == "attention/entropy" and value > 0]
    shutil.rmtree(work.store / "runs")
    assert steps == [0, 8, 16]
    assert losses(probed) == losses(two)
