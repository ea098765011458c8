"""Several processes in trouble: one of them finds it, all of them end, and all start again with the same change."""

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.trainer.builders import rows, train_input
from tests.trainer.workplace import Workplace

FAULTS = Path(__file__).parent / "faults"
PODS = {"NNODES": "1", "NPROC_PER_NODE": "2"}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    work = Workplace(tmp_path_factory.mktemp("trouble"))
    return work, work.dataset(rows(train=44))


@pytest.fixture
def store(place):
    """The place, which a test leaves without any run."""
    yield place
    shutil.rmtree(place[0].store / "runs")


def value_of(dataset, **training):
    return train_input(
        dataset,
        lora={"dropout": 0.0},
        training={"maxSteps": 10, "evalSteps": 10, "perDeviceBatchSize": 4, **training},
        checkpoint={"everySteps": 3, "keep": 3},
    )


def attempt(work, value, **fault):
    """One attempt of two processes; `process` of `fault` is the one that has it."""
    path = f"{FAULTS}:{os.environ.get('PYTHONPATH', '')}"
    known = {"PYTHONPATH": path, "DOCTUNE_TEST_FAULT": json.dumps(fault)} if fault else {}
    return work.wait(work.start(value, **PODS, **known))


def attempts(work, value, most=8, **fault):
    """Attempts until one says that no other follows, as the Job makes them."""
    ended = []
    while not ended or ended[-1].code == 42:
        assert len(ended) < most
        ended.append(attempt(work, value, **fault))
    return ended


def course(run, name="loss"):
    return {entry["step"]: entry[name] for entry in run.results()["history"] if name in entry}


def test_training_16_several_processes_go_on_with_the_smaller_batch_that_fits_all(store):
    work, dataset = store
    value = value_of(dataset)
    # two of its rows, and not four
    ended = attempts(work, value, process=1, fits=90)
    assert [(run.code, run.result["reason"]) for run in ended] == [(42, "MemoryAdapted"), (0, "Trained")]
    results = ended[-1].results()
    assert [(each["kind"], each["step"]) for each in results["interventions"]] == [("MicroBatch", 0)]
    assert (results["settings"]["batch_size"], results["settings"]["accumulation"]) == (2, 2)
    assert ended[-1].result["summary"]["ladder"] == ["MicroBatch"]
    shutil.rmtree(work.store / "runs")
    smaller = attempt(work, value_of(dataset, perDeviceBatchSize=2, gradientAccumulationSteps=2))
    assert course(ended[-1]) == course(smaller)


def test_training_16_memory_that_runs_out_in_all_processes_at_once_moves_one_rung_an_attempt(store):
    work, dataset = store
    ended = attempts(work, value_of(dataset), process="all", fits=1)
    assert [run.code for run in ended] == [42, 42, 42, 20]
    assert "MicroBatch, MicroBatch, GradientCheckpointing" in ended[-1].result["message"]
    assert 'distributed.strategy to "FSDP2"' in ended[-1].result["message"]


def test_training_16_memory_that_runs_out_in_a_sum_is_no_lost_peer(store):
    work, dataset = store
    failed = attempt(work, value_of(dataset) | {"outOfMemory": {"policy": "Fail"}}, process=1, fits=90, where="NCCL")
    assert (failed.code, failed.result["reason"]) == (20, "GpuOutOfMemory")
    assert "NCCL" in failed.result["message"]


def test_training_16_several_processes_that_shall_fail_end_at_once(store):
    work, dataset = store
    value = value_of(dataset) | {"outOfMemory": {"policy": "Fail"}}
    failed = attempt(work, value, process=1, fits=90)
    assert (failed.code, failed.result["reason"]) == (20, "GpuOutOfMemory")
    assert 'outOfMemory.policy to "Adapt"' in failed.result["message"]


def test_training_17_several_processes_go_back_to_the_last_good_checkpoint_with_half_the_learning_rate(store):
    work, dataset = store
    value = value_of(dataset)
    undisturbed = attempt(work, value)
    shutil.rmtree(work.store / "runs")
    # steps 5 to 7; step 6 is saved in the midst of them
    back = attempt(work, value, process=1, notFinite=[1 + 5, 1 + 6, 1 + 7])
    assert (back.code, back.result["reason"]) == (42, "RolledBack")
    assert "step 3" in back.result["message"]
    ended = attempt(work, value)
    assert ended.code == 0
    assert [(each["kind"], each["step"]) for each in ended.results()["interventions"]] == [("RollBack", 3)]
    before, after = course(undisturbed), course(ended)
    assert list(after) == list(range(1, 11))
    assert {step: after[step] for step in range(1, 5)} == {step: before[step] for step in range(1, 5)}
    rates = course(undisturbed, "learning_rate")
    assert course(ended, "learning_rate") == {step: rate / (2 if step > 3 else 1) for step, rate in rates.items()}
    assert "RolledBack" in [warned["reason"] for warned in ended.result["summary"]["warnings"]]


def test_training_17_several_processes_go_back_twice_and_not_for_ever(store):
    work, dataset = store
    ended = attempts(work, value_of(dataset), process=0, notFinite=list(range(1, 100)))
    assert [(run.code, run.result["reason"]) for run in ended] == [
        (42, "RolledBack"),
        (42, "RolledBack"),
        (30, "LossNotFinite"),
    ]
    assert "after 2 returns" in ended[-1].result["message"]
