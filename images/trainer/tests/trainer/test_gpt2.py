"""GPT-2, whose linear modules hold their weights as (inputs, outputs): methods, starts and exports all the same."""

import pytest

from tests.trainer.builders import train_input
from tests.trainer.test_context import figures, small


@pytest.fixture
def trained(work, dataset, tmp_path):
    """The run on a small GPT-2, and that base model."""
    base_model = small("gpt2", tmp_path / "gpt2", positions=256)

    def run(method="LoRA", output=None, training=None, **lora):
        changes = {"dropout": 0.0, **lora}
        value = train_input(dataset, method=method, lora=changes, output=output or {}, training=training or {})
        return work.run({**value, "baseModel": base_model}), base_model

    return run


@pytest.mark.parametrize(
    ("method", "lora", "layers"),
    [
        ("LoRA", {"targetModules": ["c_attn"]}, {0, 1}),
        ("LoRA", {"lastLayers": 1}, {1}),
        ("LoRA", {"skipLayers": 1, "init": "pissa"}, {1}),
        ("DoRA", {}, {0, 1}),
        ("AdaLoRA", {"lastLayers": 1}, {1}),
        ("IA3", {}, {0, 1}),
        ("QLoRA", {"init": "loftq"}, {0, 1}),
    ],
)
def test_training_11_methods_and_starts_train_gpt2(trained, method, lora, layers):
    from safetensors.torch import load_file

    run, base_model = trained(method, training={"learningRate": 2e-2}, **lora)
    assert run.code == 0, run.result
    before = next(entry["eval_loss"] for entry in run.results()["history"] if "eval_loss" in entry)
    assert run.result["summary"]["evalLoss"] < before
    names = load_file(run.adapter / "adapter/adapter_model.safetensors")
    assert {int(name.split(".h.")[1].split(".")[0]) for name in names} == layers
    # who loads it has the base model as it is, in full precision
    if method != "QLoRA":
        assert figures(run, base_model)[0] == pytest.approx(run.result["summary"]["evalLoss"], rel=1e-4)


def test_training_28_an_adapter_of_gpt2_is_merged_and_exported(trained):
    run, _ = trained(output={"merged": True, "onnx": True, "torchScript": True}, targetModules=["c_attn", "c_fc"])
    assert run.code == 0, run.result
    exports = {one["name"]: one["topOne"] for one in run.result["summary"]["exports"]}
    assert list(exports) == ["merged", "onnx", "torchscript"]
    assert min(exports.values()) >= 0.99


def test_training_3_a_start_that_does_not_know_these_modules_is_refused(trained):
    failed, _ = trained(init="olora")
    assert (failed.code, failed.result["reason"]) == (10, "UnfitCombination")
    assert 'lora.init "olora"' in failed.result["message"] and '"gpt2"' in failed.result["message"]


def test_training_3_modules_that_gpt2_lacks_are_refused_with_those_that_it_has(trained):
    failed, _ = trained(targetModules=["q_proj"])
    assert (failed.code, failed.result["reason"]) == (10, "UnknownTargetModules")
    assert 'choose from "all-linear", "c_attn", "c_fc", "c_proj"' in failed.result["message"]
