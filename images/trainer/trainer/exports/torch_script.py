"""A TorchScript module, for programs that have torch and no transformers."""

from pathlib import Path
from typing import TYPE_CHECKING

from trainer.exports.reference import Forward

if TYPE_CHECKING:
    from transformers import PreTrainedModel

FILE = "model.pt"


def write_torch_script(model: "PreTrainedModel", folder: Path) -> None:
    """A trace of one forward pass: `module(input_ids, attention_mask)` gives logits, in fp32."""
    import torch

    from trainer.exports.forward import ForwardPass, example

    folder.mkdir(parents=True)
    with torch.no_grad():
        traced = torch.jit.trace(ForwardPass(model.cpu()), example(model), check_trace=False)
    torch.jit.save(traced, folder / FILE)


def load_torch_script(folder: Path) -> Forward:
    import torch

    module = torch.jit.load(folder / FILE, map_location="cpu")

    def forward(ids: torch.Tensor) -> torch.Tensor:
        # else the executor makes a program for each length, which takes a minute each
        with torch.jit.optimized_execution(False):
            return module(ids, torch.ones_like(ids))

    return forward
