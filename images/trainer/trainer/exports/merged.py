"""The merged model in 16 bits, in the form of transformers."""

from pathlib import Path
from typing import TYPE_CHECKING

from trainer.exports.reference import Forward

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def write_merged(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", folder: Path) -> None:
    """Weights as bf16, or as fp16 where the base model has those. The model itself stays as it is."""
    import torch

    dtype = torch.float16 if model.config.dtype == torch.float16 else torch.bfloat16
    model.save_pretrained(folder, state_dict=converted(model.state_dict(), dtype))
    tokenizer.save_pretrained(folder)
    settings = type(model.config).from_pretrained(folder)
    # it names the type of the model in memory
    settings.dtype = dtype
    settings.save_pretrained(folder)


def converted(weights: dict[str, "torch.Tensor"], dtype: "torch.dtype") -> dict[str, "torch.Tensor"]:
    """What is one tensor under two names, as tied embeddings are, stays one, and is written once."""
    once: dict[int, torch.Tensor] = {}
    return {name: once.setdefault(weight.data_ptr(), weight.to(dtype)) for name, weight in weights.items()}


def load_merged(folder: Path) -> Forward:
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, local_files_only=True).eval()
    return lambda ids: model(input_ids=ids, use_cache=False).logits
