"""Traced exports of models with scaled rotary positions: right for rows of any length, or refused."""

from types import SimpleNamespace

import pytest
import torch

from tests.trainer.builders import train_input
from trainer.exports.onnx_model import load_onnx, write_onnx
from trainer.exports.torch_script import load_torch_script, write_torch_script
from trainer.exports.wanted import rope_kinds
from worker.models import load

DYNAMIC = {"ropeScaling": {"type": "Dynamic", "factor": 2.0}, "positions": None}


@pytest.mark.parametrize("output", ["onnx", "torchScript"])
def test_training_28_positions_that_follow_the_length_are_refused_before_the_training(work, dataset, output):
    failed = work.run(train_input(dataset, context=DYNAMIC, output={output: True}))
    assert (failed.code, failed.result["reason"]) == (10, "ExportUnsupported")
    assert (
        '"dynamic"' in failed.result["message"] and 'context.ropeScaling.type to "Linear"' in failed.result["message"]
    )


@pytest.mark.parametrize(
    ("parameters", "kinds"),
    [
        (None, set()),
        ({"rope_type": "longrope", "factor": 4.0}, {"longrope"}),
        ({"full_attention": {"rope_type": "yarn"}, "sliding_attention": {"rope_theta": 1e4}}, {"yarn", "default"}),
    ],
)
def test_kinds_of_rotary_positions_are_read_from_a_configuration(parameters, kinds):
    assert rope_kinds(SimpleNamespace(rope_parameters=parameters)) == kinds


@pytest.mark.parametrize("kind", ["Linear", "Yarn"])
def test_training_28_traced_models_keep_scaled_positions_beyond_the_length_they_were_traced_with(tmp_path, kind):
    context = {"ropeScaling": {"type": kind, "factor": 4.0}, "positions": None}
    model = load({"builtIn": "tiny", "context": context}).model
    ids = torch.arange(90).reshape(2, 45) % model.config.vocab_size
    with torch.no_grad():
        wanted = model(input_ids=ids).logits
    write_onnx(model, tmp_path / "onnx")
    write_torch_script(model, tmp_path / "script")
    for forward in (load_onnx(tmp_path / "onnx"), load_torch_script(tmp_path / "script")):
        assert torch.allclose(forward(ids), wanted, atol=1e-4)
