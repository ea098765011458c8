"""How a machine computes: what changes speed, memory, or whether the same numbers come again, and not the task."""

import logging
import os
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

log = logging.getLogger("trainer")

# names of transformers; None: its own choice of AdamW, which is one fused kernel where there is one
OPTIMIZERS = {
    "AdamW": None,
    "AdamW8bit": "adamw_8bit",
    "PagedAdamW8bit": "paged_adamw_8bit",
    "Adafactor": "adafactor",
    "SGD": "sgd",
}
ATTENTIONS = {"Eager": "eager", "Sdpa": "sdpa", "FlashAttention2": "flash_attention_2"}
# below, a compilation takes longer than it saves
LEAST_STEPS_TO_COMPILE = 500


@dataclass(frozen=True)
class Machinery:
    """`optimizer` is its name in the spec."""

    optimizer: str = "AdamW"
    attention: str = "Auto"
    is_deterministic: bool = False
    is_tf32: bool = True
    is_compiled: bool = False

    @staticmethod
    def of(training: dict[str, Any], total_steps: int) -> "Machinery":
        is_compiled = training["compile"] and total_steps >= LEAST_STEPS_TO_COMPILE
        if training["compile"] and not is_compiled:
            log.info("not compiled: the run is too short for that", extra={"steps": total_steps})
        return Machinery(
            training["optimizer"], training["attention"], training["deterministic"], training["tf32"], is_compiled
        )

    def arguments(self) -> dict[str, Any]:
        """Arguments for TrainingArguments."""
        name = OPTIMIZERS[self.optimizer]
        return {"torch_compile": self.is_compiled, **({"optim": name} if name else {})}


def attention_options(attention: str) -> dict[str, Any]:
    """Arguments of `from_pretrained`."""
    return {} if attention == "Auto" else {"attn_implementation": ATTENTIONS[attention]}


def set_up(machinery: Machinery) -> None:
    """Set what holds for the whole process, also back to what it was before another run."""
    import torch

    if machinery.is_deterministic:
        # read when CUDA begins; without it, matrix products have no order
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(machinery.is_deterministic)
    torch.backends.cudnn.benchmark = False
    torch.backends.cuda.matmul.allow_tf32 = machinery.is_tf32
    torch.backends.cudnn.allow_tf32 = machinery.is_tf32


def has_flash_attention() -> bool:
    return find_spec("flash_attn") is not None
