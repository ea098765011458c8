"""Weights in one piece, of a model whose processes have a part of each."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


def whole(weight: "torch.Tensor") -> "torch.Tensor":
    """The whole of a weight. All processes must ask for it alike."""
    if hasattr(weight, "full_tensor"):
        return weight.full_tensor()
    if is_partitioned(weight):
        from deepspeed import zero

        with zero.GatheredParameters([weight]):
            return weight.data.clone()
    return weight


def put(weight: "torch.Tensor", value: "torch.Tensor") -> None:
    """Give a weight a whole value, of which each process keeps its part. All processes must do it alike."""
    if hasattr(weight, "full_tensor"):
        from torch.distributed.tensor import distribute_tensor

        weight.data.copy_(distribute_tensor(value.to(weight.device), weight.device_mesh, weight.placements))
    elif is_partitioned(weight):
        from deepspeed import zero

        with zero.GatheredParameters([weight], modifier_rank=0):
            weight.data.copy_(value)
    else:
        weight.data.copy_(value)


def is_partitioned(weight: "torch.Tensor") -> bool:
    """Whether it is one of DeepSpeed's third stage, which is empty between two uses."""
    return hasattr(weight, "ds_id")


def whole_model(source: dict[str, Any], dtype: "torch.dtype", checkpoint: Path) -> "torch.nn.Module":
    """The tuned model of a checkpoint on the base model of an input, in host memory."""
    from peft import PeftModel

    from worker.models import load

    if not (checkpoint / "adapter_config.json").is_file():
        from transformers import AutoModelForCausalLM

        return AutoModelForCausalLM.from_pretrained(checkpoint, dtype=dtype, local_files_only=True)
    return PeftModel.from_pretrained(load(source, dtype, device="cpu").model, checkpoint, is_trainable=True)
