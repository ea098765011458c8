"""The trained model once more, from its base in full precision: an adapter is never merged into weights of 4 bits."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from worker.failure import WorkerFailure
from worker.models import load

if TYPE_CHECKING:
    from torch.nn import Module
    from transformers import PreTrainedModel

# of fp32, with room for the activations of one row
BYTES_A_PARAMETER = 4
SLACK = 1.2


def load_tuned(base_model: dict[str, Any], chat_template: str, adapter: Path) -> "Module":
    """Base and adapter of a folder, not merged, in fp32; on the accelerator if it has room for it."""
    import torch

    model = load(base_model, torch.float32, chat_template, "cpu").model
    if (adapter / "adapter_config.json").is_file():
        from peft import PeftModel

        model = PeftModel.from_pretrained(model, adapter)
    else:
        from transformers import AutoModelForCausalLM

        model = AutoModelForCausalLM.from_pretrained(adapter, dtype=torch.float32)
    return model.eval().to(device_for(count_parameters(model)))


def merge(model: "Module") -> "PreTrainedModel":
    """One model without an adapter. WorkerFailure `config` for methods that have nothing to merge."""
    from peft import PeftModel

    if not isinstance(model, PeftModel):
        return model
    if not hasattr(model.base_model, "merge_and_unload"):
        raise WorkerFailure(
            "config", "ExportUnsupported", "output: this method adds no weights that could be merged: leave exports out"
        )
    return model.merge_and_unload()


def count_parameters(model: "Module") -> int:
    """Tied weights once."""
    return sum(weight.numel() for weight in model.parameters())


def device_for(parameters: int) -> str:
    import torch

    if not torch.cuda.is_available():
        return "cpu"
    torch.cuda.empty_cache()
    return "cuda" if torch.cuda.mem_get_info()[0] > SLACK * BYTES_A_PARAMETER * parameters else "cpu"
