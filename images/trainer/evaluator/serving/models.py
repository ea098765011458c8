"""Base and tuned model as folders that any server of transformers can load."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluator.subject import Subject, precision, read_manifest
from worker.chat import end_of_turn_ids
from worker.failure import WorkerFailure
from worker.models import load

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

BASE, TUNED = "base", "tuned"


def can_be_served(subject: Subject) -> bool:
    """Whether what was trained can become part of the weights: of prompt tuning and the like it cannot."""
    from peft import PeftModel

    return not isinstance(subject.tuned, PeftModel) or hasattr(subject.tuned.base_model, "merge_and_unload")


def write_models(subject: Subject, base_model: dict[str, Any], artifact: Path, folder: Path) -> None:
    """Write the folders `base` and `tuned`, in the number format in which the models were asked.

    The subject is used up: its memory is freed, number format and device stay known. WorkerFailure `disk` where there
    is no room for both.
    """
    needed = 2 * weight_bytes(subject.base.model)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise WorkerFailure(
            "disk",
            "NoRoomToServe",
            f"serving.local: {folder.parent} has {free} bytes free and both models take {needed}: give the nodes more "
            "ephemeral storage, or serve the adapter elsewhere and name the server in serving.openai",
        )
    tuned = subject.tuned
    merged = tuned.merge_and_unload() if hasattr(tuned, "merge_and_unload") else tuned
    _write(merged, subject.tokenizer, folder / TUNED)
    _forget(merged)
    base = subject.base.model
    if subject.is_shared:
        # peft would leave modules that were trained whole in it: only what is loaded again is the base for sure
        template = read_manifest(artifact).get("chatTemplate", {}).get("asked", "auto")
        base = load(base_model, precision(), template).model
    _write(base, subject.tokenizer, folder / BASE)
    for model in (base, tuned, subject.base.model):
        _forget(model)
    _empty_cache()


def _write(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", folder: Path) -> None:
    from transformers import GenerationConfig

    # greedy, and stopping where the evaluation does: a template that was put in has an end of turn of its own
    model.generation_config = GenerationConfig(
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=end_of_turn_ids(tokenizer),
        pad_token_id=tokenizer.pad_token_id,
    )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _empty_cache() -> None:
    """What torch keeps of the memory of a GPU is not there for a server."""
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _forget(model: Any) -> None:
    for tensor in (*model.parameters(), *model.buffers()):
        tensor.data = tensor.data.new_empty(0)


def weight_bytes(model: Any) -> int:
    """Tied weights once."""
    return sum(weight.numel() * weight.element_size() for weight in model.parameters())


def folder_bytes(folder: Path) -> int:
    """Size of the weights of a model on disk."""
    return sum(file.stat().st_size for file in folder.glob("*.safetensors"))
