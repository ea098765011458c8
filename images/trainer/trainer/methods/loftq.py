"""LoftQ: an adapter that begins as what quantisation took from its base, as far as its rank holds it.

https://arxiv.org/abs/2310.08659 with one iteration: further ones would quantise the base anew, to weights that nobody
else has. peft's own function works on CUDA alone and leaves the scale of the adapter out, so that with alpha at twice
the rank the error is put in twice.
"""

import logging
from typing import TYPE_CHECKING

from trainer.methods.conversion import adapted
from trainer.methods.targets import weight_of

if TYPE_CHECKING:
    import torch
    from peft import PeftModel
    from transformers import PreTrainedModel

log = logging.getLogger("trainer")

LOFTQ = "loftq"

# the singular values of such an error fall slowly. Twice the rank and four passes find 98 % of what the whole
# decomposition does, in a tenth of its time
OVERSAMPLING, PASSES = 2, 4


def start_at_error(model: "PeftModel", full: "PreTrainedModel", seed: int) -> None:
    """Have each adapter hold what its layer, in 4 bits, lacks of the same layer of `full`. Depends on `seed` alone."""
    import torch
    from peft.utils.integrations import dequantize_module_weight

    before = after = 0.0
    for name, layer in adapted(model):
        base = layer.get_base_layer()
        if not hasattr(base.weight, "quant_state"):
            continue
        held = dequantize_module_weight(base).float()
        error = weight_of(full.get_submodule(name.removeprefix("base_model.model."))).to(held) - held
        a, b = layer.lora_A["default"].weight, layer.lora_B["default"].weight
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            down, up = factors(error, min(len(a), *error.shape))
        # ranks that a narrow layer cannot have keep their first weights
        root = layer.scaling["default"] ** 0.5
        a.data[: len(down)] = (down / root).to(a)
        b.data[:, : len(down)] = (up / root).to(b)
        before += error.square().sum().item()
        after += (error - up @ down).square().sum().item()
    log.info("the adapter begins at the error of 4 bits", extra={"leftOfError": round(after / before, 4)})


def factors(error: "torch.Tensor", rank: int) -> tuple["torch.Tensor", "torch.Tensor"]:
    """A of shape (rank, inputs) and B of shape (outputs, rank), equally large, whose product B A is nearest to it."""
    import torch

    left, values, right = torch.svd_lowrank(error, q=min(OVERSAMPLING * rank, *error.shape), niter=PASSES)
    roots = values[:rank].sqrt()
    return roots[:, None] * right[:, :rank].T, left[:, :rank] * roots
