"""An ONNX graph, checked by onnxruntime."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.exports.reference import Forward

if TYPE_CHECKING:
    from transformers import PreTrainedModel

FILE = "model.onnx"
OPSET = 17
INPUTS = ("input_ids", "attention_mask")
OUTPUT = "logits"


def write_onnx(model: "PreTrainedModel", folder: Path) -> None:
    """`input_ids` and `attention_mask` of any number of rows and any length to `logits`, in fp32.

    By the exporter that traces: the newer one cannot yet follow a length that varies through these models.
    """
    import torch

    from trainer.exports.forward import ForwardPass, example

    folder.mkdir(parents=True)
    # it names every operator of the graph
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with torch.no_grad():
        torch.onnx.export(
            ForwardPass(model.cpu()),
            example(model),
            str(folder / FILE),
            dynamo=False,
            input_names=list(INPUTS),
            output_names=[OUTPUT],
            dynamic_axes={name: {0: "rows", 1: "length"} for name in (*INPUTS, OUTPUT)},
            opset_version=OPSET,
        )


def load_onnx(folder: Path) -> Forward:
    import onnxruntime
    import torch

    session = onnxruntime.InferenceSession(str(folder / FILE), providers=["CPUExecutionProvider"])

    def forward(ids: torch.Tensor) -> torch.Tensor:
        given = dict(zip(INPUTS, (ids.numpy(), torch.ones_like(ids).numpy()), strict=True))
        return torch.from_numpy(session.run([OUTPUT], given)[0])

    return forward
