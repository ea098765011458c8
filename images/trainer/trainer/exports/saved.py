"""Whether what was saved answers as the model in memory does, of which exports are made no more.

Both answer on the same base weights in the same number format by the same kernels, so that nothing but the saving can
make a difference: also in bf16 or on 4 bits, where the adapter on a base in full precision says something else.
"""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.exports.parity import Parity, compare
from trainer.exports.reference import Prompts
from worker.context import forget_lengths
from worker.failure import WorkerFailure

if TYPE_CHECKING:
    import torch
    from torch.nn import Module

log = logging.getLogger("trainer")

# logits of a large vocabulary are long, and a fault of saving is seen in the first answer
PROMPTS = 4
# nats. Sums of a large vocabulary in fp32 are good for 1e-6; in 16 bits an adapter whose matrices have another shape
# than in memory, as AdaLoRA's without the ranks that it gave up, may round one number in many to its neighbour
MOST_KL, MOST_KL_16_BITS = 1e-5, 1e-3


def check_saved(model: "Module", folder: Path, prompts: Prompts) -> Parity:
    """Load what was saved of the trained `model` in `folder` and compare both; the model is of no use after it.

    WorkerFailure `export` when they differ.
    """
    model.eval()
    expected = prompts.logits(lambda ids: answers(model, ids))
    again = reload(model, folder)
    parity = compare(expected, prompts.logits(lambda ids: answers(again, ids)), prompts.targets)
    log.info("what was saved is checked", extra=parity.as_dict())
    most = MOST_KL if is_of_32_bits(model) else MOST_KL_16_BITS
    # a figure that is not finite compares as false, and so does not pass
    if not parity.mean_kl <= most:
        raise WorkerFailure(
            "export",
            "SavedParity",
            f"the saved {folder.name} does not answer as the trained model does: the mean KL divergence is "
            f"{parity.mean_kl:.2g} over {parity.positions} answer tokens, {most:g} is allowed: nothing was published; "
            "see whether the volume of the store keeps what is written to it, then ask again, which goes on from the "
            "last checkpoint; if it stays, choose another method or lora.init",
        )
    return parity


def answers(model: "Module", ids: "torch.Tensor") -> "torch.Tensor":
    """Logits at the places of `ids`: prompt tuning has more of them in front."""
    return model(input_ids=ids.to(model.device), use_cache=False).logits[:, -ids.shape[1] :]


def reload(model: "Module", folder: Path) -> "Module":
    """What lies in `folder`, on the base weights of the model in memory or in its place."""
    import torch
    from peft import PeftModel

    device = model.device
    if not isinstance(model, PeftModel):
        from transformers import AutoModelForCausalLM

        kernels = model.config._attn_implementation
        # the accelerator may not hold both
        model.cpu()
        options = {"dtype": model.dtype, "attn_implementation": kernels, "local_files_only": True}
        again = AutoModelForCausalLM.from_pretrained(folder, **options).eval()
        forget_lengths(again)
        return again.to(device)
    is_prompt = model.active_peft_config.is_prompt_learning
    base = model.get_base_model() if is_prompt else model.base_model.unload()
    with torch.no_grad():
        for weight in base.parameters():
            if weight.requires_grad:
                # trained in their place, such as biases: where they were not saved, it must show
                weight.fill_(torch.nan)
    return PeftModel.from_pretrained(base, folder).eval()


def is_of_32_bits(model: "Module") -> bool:
    import torch

    # a base in fewer bits has its other weights in 16
    is_quantised = bool(getattr(model, "is_quantized", False) or getattr(model.config, "quantization_config", None))
    return not is_quantised and model.dtype == torch.float32
