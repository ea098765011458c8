"""How a step falls into processes and batches."""

import json
from itertools import chain
from pathlib import Path

import pytest

from tests.trainer.builders import train_input
from trainer.data.examples import Example
from trainer.data.plan import Draw, plan_batches
from trainer.distributed.ending import Ending, choose, start_again
from trainer.distributed.launch import command
from trainer.distributed.place import Place
from trainer.distributed.ranks import Ranks, check_devices, is_lost_peer
from trainer.distributed.shard import NOTHING, WithNothing, shard
from trainer.distributed.world import fit, keep_rows_a_step
from trainer.methods.settings import resolve_method
from trainer.robustness.interventions import Intervention
from trainer.settings import resolve_settings, rows_a_step
from worker.failure import WorkerFailure
from worker.result import failure


@pytest.mark.parametrize(("batches", "processes"), [(1, 1), (4, 1), (1, 2), (3, 2), (2, 8)])
@pytest.mark.parametrize("rows", [48, 47, 3, 1])
def test_training_9_a_step_has_the_same_rows_however_many_processes_share_it(rows, batches, processes):
    step = list(range(100, 100 + rows))
    parts = [shard(step, batches, Ranks(rank, processes)) for rank in range(processes)]
    assert all(len(part) == batches and all(part) for part in parts)
    assert sorted(row for part in parts for batch in part for row in batch if row != NOTHING) == step


def test_training_9_batches_of_one_moment_have_about_the_same_length():
    lengths = [number % 97 for number in range(512)]
    draw = Draw(lengths, lengths, [False] * len(lengths), 32, 42)
    step = [row for (row,) in plan_batches(draw, 1)[0]]
    for micro in range(4):
        rows = list(chain.from_iterable(shard(step, 4, Ranks(rank, 2))[micro] for rank in range(2)))
        seen = [lengths[row] for row in rows]
        assert max(seen) - min(seen) <= 4


def test_nothing_trains_nothing():
    nothing = WithNothing([Example("row", [5, 6, 7], [False, True, True])])[NOTHING]
    assert (nothing.ids, nothing.is_trained) == ([5, 6], [False, False])


@pytest.mark.parametrize(
    ("rows", "batch_size", "processes", "fitted"),
    [(8, 4, 1, (4, 2)), (8, 4, 4, (2, 1)), (12, 5, 2, (3, 2)), (8, 4, 3, None), (7, 4, 1, (1, 7))],
)
def test_training_14_another_number_of_processes_keeps_the_rows_a_step(rows, batch_size, processes, fitted):
    assert fit(rows, batch_size, processes) == fitted


def kept(folder: Path, processes: int, strategy: str | None = None):
    value = train_input({"uri": "", "digest": ""}, training={"perDeviceBatchSize": 4, "maxSteps": None, "epochs": 2})
    return keep_rows_a_step(folder, value, processes, strategy, True)


def test_training_14_a_resumed_run_keeps_the_rows_a_step_or_is_refused(tmp_path: Path):
    begun = kept(tmp_path, 2)
    assert json.loads((tmp_path / "world.json").read_text("utf-8")) == {"processes": 2, "rowsAStep": 8}
    assert kept(tmp_path, 2) == begun
    alone = kept(tmp_path, 1)["training"]
    assert (alone["perDeviceBatchSize"], alone["gradientAccumulationSteps"]) == (4, 2)
    with pytest.raises(WorkerFailure, match=r"resources\.gpus and resources\.nodes") as refused:
        kept(tmp_path, 3)
    assert (refused.value.code, refused.value.reason) == (10, "WorldSizeChanged")
    with pytest.raises(WorkerFailure, match="DeepSpeed"):
        kept(tmp_path, 1, "ZeRO2")


def test_training_14_a_run_has_the_same_steps_however_many_processes_go_on_with_it(tmp_path: Path):
    lengths = [10] * 48

    def steps(processes: int) -> list[list[tuple[int, ...]]]:
        value = kept(tmp_path, processes)
        draw = Draw(lengths, lengths, [False] * 48, rows_a_step(value["training"], processes), 42)
        settings = resolve_settings(value, 48, "fp32", resolve_method(value, "LoRA"), processes, [draw])
        assert settings.rows_a_step == draw.batch_size == 8
        return plan_batches(draw, settings.total_steps)

    begun = steps(2)
    assert len(begun) == 12
    assert steps(1) == begun


def test_a_pod_knows_its_place():
    variables = {
        "NNODES": "3",
        "NPROC_PER_NODE": "8",
        "JOB_COMPLETION_INDEX": "2",
        "MASTER_ADDR": "a-0-train-1234-0.a-0-train-1234",
        "MASTER_PORT": "29500",
    }
    place = Place.from_environment(variables)
    assert (place.world_size, place.own) == (24, "a-0-train-1234-2.a-0-train-1234")
    line = command(place, "0123")
    assert {"--nnodes=3", "--nproc-per-node=8", "--rdzv-endpoint=a-0-train-1234-0.a-0-train-1234:29500"} <= set(line)
    assert Place.from_environment({}).world_size == 1


def result(code: int) -> dict:
    return {"version": 1, "reason": "Reason", "message": f"code {code}", "exitCode": code}


def ending(code: int | None, has_started: bool = True) -> Ending:
    return Ending(has_started, None if code is None else result(code))


@pytest.mark.parametrize(
    ("endings", "code"),
    [
        # all well
        ([ending(0), ending(0)], 0),
        # who is to blame, not who fell with it
        ([ending(42), ending(11)], 11),
        ([ending(40), ending(20)], 20),
        # killed without a word
        ([ending(42), ending(None)], 60),
        # told to stop by the process of another pod
        ([ending(40), ending(40)], 40),
        ([ending(42), ending(40)], 40),
        ([ending(42), ending(42)], 42),
        # torchrun ended before it had started any: counted, or it could go on for ever
        ([ending(None, False), ending(None, False)], 16),
    ],
)
def test_the_result_of_a_pod_is_that_of_the_process_to_blame(tmp_path, endings, code):
    assert choose(endings, False, tmp_path)["exitCode"] == code


def test_training_16_a_process_that_wrote_down_a_change_speaks_for_the_others():
    change = Intervention("MicroBatch", 3, "CUDA out of memory")
    changed = Ending(True, failure(start_again(change)))
    # those that lost it: as they should, by a signal, or in a way that nobody knows yet
    for other in (ending(42), ending(40), ending(None), ending(60)):
        chosen = choose([other, changed], False, Path("none"))
        assert (chosen["exitCode"], chosen["reason"]) == (42, "MemoryAdapted")
    assert start_again(Intervention("RollBack", 3, "LossSpike at step 5")).reason == "RolledBack"


def test_a_pod_that_was_told_to_stop_says_so(tmp_path):
    assert choose([ending(42), ending(None)], True, tmp_path)["exitCode"] == 41
    assert choose([ending(12), ending(42)], True, tmp_path)["exitCode"] == 12
    assert choose([ending(0), ending(0)], True, tmp_path)["exitCode"] == 0


def test_a_lost_peer_is_told_from_a_fault_of_its_own():
    assert is_lost_peer(RuntimeError("[../third_party/gloo/gloo/transport/tcp/pair.cc:534] Connection closed by peer"))
    assert not is_lost_peer(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    assert not is_lost_peer(WorkerFailure("data", "Reason", "gloo"))


def test_a_process_without_a_gpu_of_its_own_is_refused():
    check_devices(1, 2)
    with pytest.raises(WorkerFailure, match=r"lower resources\.gpus"):
        check_devices(2, 2)
