"""An accelerator with too little memory: what is given up, and that each step still learns from the same rows."""

import dataclasses
import json

import pytest
import torch

from tests.trainer.builders import train_input
from trainer.attempts import give_up_memory
from trainer.distributed.strategies import Sharing
from trainer.methods.settings import resolve_method
from trainer.optimization.loss import answer_loss
from trainer.robustness.interventions import Intervention, adapt_settings, load_interventions, save_interventions
from trainer.robustness.ladder import next_rung
from trainer.settings import resolve_settings
from worker.failure import WorkerFailure


@pytest.fixture
def value(dataset):
    return train_input(
        dataset,
        lora={"dropout": 0.0},
        training={"maxSteps": 8, "perDeviceBatchSize": 8, "evalSteps": 4},
        checkpoint={"everySteps": 4, "keep": 2},
    )


@pytest.fixture
def allocator(monkeypatch):
    """An allocator that fails on purpose: `limit(call)` tokens fit the call with this number, counted from 1."""

    def install(limit):
        calls = iter(range(1, 10_000))

        def loss(model, batch, *_):
            inner = model.get_base_model()
            kept = 0.5 if inner.is_gradient_checkpointing else 1.0
            needed = batch["input_ids"].numel() * kept
            if torch.is_grad_enabled() and needed > limit(next(calls)):
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
            return answer_loss(model, batch)

        monkeypatch.setattr("trainer.optimization.loop.answer_loss", loss)

    return install


def settings(batch_size, method="LoRA", **changes):
    value = train_input({}, training={"perDeviceBatchSize": batch_size, **changes})
    return resolve_settings(value, 100, "fp32", resolve_method(value, method))


def losses(results):
    return {entry["step"]: entry["loss"] for entry in results["history"] if "loss" in entry}


@pytest.mark.parametrize(("batch_size", "sizes"), [(8, [4, 2, 1]), (6, [3, 1]), (7, [1]), (1, [])])
def test_training_16_batches_get_smaller_and_steps_stay_as_they_are(batch_size, sizes):
    now, seen = settings(batch_size), []
    while next_rung(now) == "MicroBatch":
        now = adapt_settings(now, [Intervention("MicroBatch", 0, "")])
        seen.append(now.batch_size)
        assert now.rows_a_step == batch_size
    assert seen == sizes
    assert next_rung(now) == "GradientCheckpointing"
    now = adapt_settings(now, [Intervention("GradientCheckpointing", 0, "")])
    assert next_rung(now) is None


def test_training_16_a_run_that_shall_fail_gives_up_nothing():
    assert next_rung(dataclasses.replace(settings(8), is_memory_adapted=False)) is None


def test_training_16_the_largest_batch_comes_first_and_memory_runs_out_before_the_first_step(work, value, allocator):
    undisturbed = work.run({**value, "run": {**value["run"], "id": "aaaaaaaaaaaaaaaa"}}).results()
    allocator(lambda _: 130)
    run = work.run(value)
    results = run.results()
    assert run.result["summary"]["ladder"] == [each["kind"] for each in results["interventions"]]
    assert {each["step"] for each in results["interventions"]} == {0}
    assert set(run.result["summary"]["ladder"]) == {"MicroBatch"}
    assert losses(results) == pytest.approx(losses(undisturbed), rel=1e-4)
    assert "MemoryAdapted" in [warned["reason"] for warned in run.result["summary"]["warnings"]]


def test_training_16_memory_that_runs_out_later_loses_no_step(work, value, allocator):
    undisturbed = work.run({**value, "run": {**value["run"], "id": "aaaaaaaaaaaaaaaa"}}).results()
    # the rehearsal and five steps fit
    allocator(lambda call: 10_000 if call <= 6 else 130)
    results = work.run(value).results()
    assert results["interventions"][0] == {
        "kind": "MicroBatch",
        "step": 5,
        "cause": "CUDA out of memory",
    }
    before, after = losses(undisturbed), losses(results)
    assert {step: after[step] for step in range(1, 6)} == {step: before[step] for step in range(1, 6)}
    assert after == pytest.approx(before, rel=1e-4)


def test_training_16_gradient_checkpointing_follows_the_smallest_batch(work, value, allocator):
    longest = 40
    allocator(lambda _: longest * 0.6)
    run = work.run(value)
    assert run.code == 0
    assert run.result["summary"]["ladder"] == ["MicroBatch"] * 3 + ["GradientCheckpointing"]
    # every report of the last attempt tells what it goes on with
    lines = next((work.store / "runs").glob("*/progress.jsonl")).read_text("utf-8").splitlines()
    names = ("memory_adaptations", "adapted_batch_size", "adapted_accumulation", "adapted_checkpointing")
    assert [json.loads(lines[-1])[name] for name in names] == [4, 1, 8, 1]


def test_capability_60_the_end_of_the_ladder_is_told_with_what_was_tried(work, value, allocator):
    allocator(lambda _: 1)
    failed = work.run(value)
    assert (failed.code, failed.result["reason"]) == (20, "GpuOutOfMemory")
    assert "MicroBatch, MicroBatch, MicroBatch, GradientCheckpointing" in failed.result["message"]
    assert "training.maxLength" in failed.result["message"]


def test_training_16_several_processes_have_the_same_ladder_and_weights_to_share_at_its_end():
    together = dataclasses.replace(settings(8), world_size=2)
    assert give_up_memory(together, [], 0, "CUDA out of memory").kind == "MicroBatch"
    last = dataclasses.replace(together, batch_size=1, is_gradient_checkpointing=True)
    for at_the_end, is_shared in ((last, True), (dataclasses.replace(last, sharing=Sharing("FSDP2")), False)):
        with pytest.raises(WorkerFailure) as failed:
            give_up_memory(at_the_end, [], 0, "CUDA out of memory")
        assert (failed.value.kind, failed.value.reason) == ("gpuOutOfMemory", "GpuOutOfMemory")
        assert ("distributed.strategy" in failed.value.message) == is_shared
        assert "outOfMemory.policy" not in failed.value.message


def test_training_16_what_several_processes_find_at_once_is_written_once(tmp_path):
    first, second = Intervention("MicroBatch", 3, "one"), Intervention("MicroBatch", 3, "other")
    save_interventions(tmp_path, [first])
    save_interventions(tmp_path, [second])
    assert load_interventions(tmp_path) == [first]
    save_interventions(tmp_path, [first, second])
    assert load_interventions(tmp_path) == [first, second]
    assert [file.name for file in tmp_path.iterdir()] == ["interventions.json"]


def test_capability_60_host_memory_is_told_apart(work, value, monkeypatch):
    def loss(*_):
        raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes")

    monkeypatch.setattr("trainer.optimization.loop.answer_loss", loss)
    failed = work.run(value)
    assert (failed.code, failed.result["reason"]) == (21, "HostOutOfMemory")


def test_training_16_the_rehearsal_leaves_no_trace(work, value, monkeypatch):
    value = train_input({**value["dataset"]}, training={"maxSteps": 4})
    digest = work.run(value).digest
    monkeypatch.setattr("trainer.optimization.loop.AnswerTrainer.rehearse", lambda _: None)
    assert work.run({**value, "run": {**value["run"]}}).digest == digest
