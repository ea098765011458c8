"""Which strategy is taken, what is refused, and what accelerate and DeepSpeed are told."""

import subprocess
import sys
from unittest.mock import patch

import pytest

from tests.trainer.builders import train_input
from trainer.distributed.strategies import Sharing, arguments, choose
from trainer.methods.settings import resolve_method
from trainer.settings import resolve_settings
from worker.failure import WorkerFailure

GPU, CPU = True, None


def chosen_for(value, processes, fits):
    return choose(value, processes, fits, has_gpu=fits is not CPU)


def asking(strategy: str = "Auto", offload: bool = False, **changes):
    return train_input({"uri": "", "digest": ""}, distributed={"strategy": strategy, "cpuOffload": offload}, **changes)


def with_deepspeed(is_there: bool):
    return patch("trainer.distributed.strategies.find_spec", lambda _name: object() if is_there else None)


@pytest.mark.parametrize(
    ("strategy", "processes", "fits", "chosen"),
    [
        ("Auto", 1, GPU, None),
        ("DDP", 1, CPU, None),
        ("Auto", 2, CPU, "DDP"),
        ("Auto", 8, True, "DDP"),
        ("Auto", 8, False, "FSDP2"),
        ("DDP", 8, False, "DDP"),
        ("FSDP2", 8, True, "FSDP2"),
        ("ZeRO2", 2, True, "ZeRO2"),
    ],
)
def test_training_14_the_strategy_is_the_one_asked_for_or_the_cheapest_that_fits(strategy, processes, fits, chosen):
    with with_deepspeed(True):
        sharing = chosen_for(asking(strategy), processes, fits)
    assert sharing.strategy == chosen
    assert sharing.reason


@pytest.mark.parametrize(
    ("value", "processes", "fits", "remedy"),
    [
        (asking("FSDP2"), 2, CPU, "set resources.gpus"),
        (asking("FSDP2"), 1, GPU, "raise resources.gpus or resources.nodes"),
        (asking("ZeRO1"), 2, GPU, "docs/gpu.md"),
    ],
)
def test_training_3_impossible_strategies_are_refused_with_the_remedy(value, processes, fits, remedy):
    with with_deepspeed(False), pytest.raises(WorkerFailure, match="distributed.strategy") as refused:
        chosen_for(value, processes, fits)
    assert (refused.value.code, refused.value.reason) == (10, "UnfitStrategy")
    assert remedy in refused.value.message


@pytest.mark.parametrize(("strategy", "chosen"), [("Auto", "DDP"), ("FSDP2", "FSDP2")])
def test_training_14_a_model_whose_sizes_are_not_known_may_be_shared_on_gpus(strategy, chosen):
    sharing = choose(asking(strategy), 2, None)
    assert sharing.strategy == chosen
    assert "fits" not in sharing.reason and "CPUs" not in sharing.reason


def settings():
    value = asking(training={"gradientAccumulationSteps": 2})
    return resolve_settings(value, 100, "bf16", resolve_method(value, "LoRA"), 4)


def test_training_14_fsdp2_shards_each_block_and_saves_whole_weights():
    given = arguments(Sharing("FSDP2", True), settings())
    assert given["fsdp"] is True
    assert given["fsdp_config"]["version"] == 2
    assert given["fsdp_config"]["cpu_offload"] is True
    assert given["fsdp_config"]["state_dict_type"] == "FULL_STATE_DICT"


@pytest.mark.parametrize(("strategy", "offloaded"), [("ZeRO1", ["optimizer"]), ("ZeRO3", ["optimizer", "param"])])
def test_training_14_zero_offloads_what_its_stage_shards(strategy, offloaded):
    given = arguments(Sharing(strategy, True), settings())["deepspeed"]
    stage = given["zero_optimization"]
    assert stage["stage"] == int(strategy[-1])
    assert [name.removeprefix("offload_") for name in stage if name.startswith("offload_")] == offloaded
    assert (given["bf16"]["enabled"], given["gradient_accumulation_steps"]) == (True, 2)
    assert given["train_micro_batch_size_per_gpu"] == 4


def test_a_copy_each_needs_no_arguments():
    assert arguments(Sharing("DDP"), settings()) == {} == arguments(Sharing(), settings())


def test_training_14_transformers_and_accelerate_take_the_configuration_of_fsdp2(tmp_path):
    from accelerate import FullyShardedDataParallelPlugin
    from transformers import TrainingArguments

    given = TrainingArguments(output_dir=str(tmp_path), use_cpu=True, **arguments(Sharing("FSDP2"), settings()))
    plugin = FullyShardedDataParallelPlugin(**given.fsdp_plugin_args)
    assert (plugin.fsdp_version, plugin.reshard_after_forward) == (2, True)


def test_training_14_a_sharded_weight_is_read_and_written_whole(tmp_path):
    program = [sys.executable, "-m", "tests.trainer.sharded_weight", str(tmp_path / "store")]
    subprocess.run(program, check=True, timeout=120)


def test_training_14_a_whole_weight_is_written_as_it_is():
    import torch

    from trainer.distributed.whole import put, whole

    plain = torch.zeros(2)
    put(plain, torch.ones(2))
    assert torch.equal(whole(plain), torch.ones(2))


def test_training_14_a_checkpoint_gives_the_tuned_model_in_one_piece(work, short_run):
    import torch
    from safetensors.torch import load_file

    from trainer.checkpoints.sealed import newest_valid
    from trainer.distributed.whole import whole_model

    run = work.run({**short_run, "training": {**short_run["training"], "maxSteps": 2}})
    checkpoint = newest_valid(next((work.store / "runs").glob("*/checkpoints")))
    model = whole_model({"builtIn": "tiny"}, torch.float32, checkpoint)
    trained = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    saved = load_file(run.adapter / "adapter" / "adapter_model.safetensors")
    assert len(trained) == len(saved) > 0
    for name, weight in saved.items():
        assert torch.equal(trained[name.replace("weight", "default.weight")], weight)
