"""What is evaluated: a base model, and what was made of it: an adapter that can be switched off, or a whole model."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluator.prompted import Prompted
from trainer.methods.as_base import has_own_base
from trainer.methods.prompt_tuning import virtual_tokens
from worker.context import with_context
from worker.failure import WorkerFailure
from worker.models import BaseModel, load

if TYPE_CHECKING:
    import torch
    from peft import PeftModel
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True)
class Subject:
    """`tuned` is an adapter on the weights of `base` itself, so that nothing but the adapter differs between them,
    unless the training changed those weights: then both models are in memory.
    """

    tuned: "torch.nn.Module"
    base: BaseModel
    is_shared: bool

    @property
    def model(self) -> "torch.nn.Module":
        """For what both have in common: configuration, device and number format."""
        return self.base.model

    @property
    def tokenizer(self) -> "PreTrainedTokenizerBase":
        return self.base.tokenizer

    @contextmanager
    def acting_as(self, name: str) -> "Iterator[torch.nn.Module]":
        """Within it the model that is `base` or `tuned`."""
        if name == "tuned":
            yield answering(self.tuned)
        elif self.is_shared:
            with self.tuned.disable_adapter():
                yield self.tuned
        else:
            yield self.base.model


def answering(model: "torch.nn.Module") -> Any:
    """The model as it can be fed step by step."""
    return Prompted(model) if virtual_tokens(model) else model


def load_subject(base_model: dict[str, Any], artifact: Path) -> Subject:
    """Load `baseModel` of the input and the artifact of a training: an adapter on it, or a whole model beside it.

    WorkerFailure `model` when the adapter was trained on another base model or with another tokenizer.
    """
    manifest = read_manifest(artifact)
    chat_template = manifest.get("chatTemplate", {}).get("asked", "auto")
    base = load(base_model, precision(), chat_template)
    check_base(base.revision, manifest["baseModelRevision"])
    # artifacts of older trainers do not say it: they are adapters
    kind = manifest.get("kind", "adapter")
    _check_tokenizer(base.tokenizer, artifact / kind)
    if kind == "model":
        return Subject(whole_model(artifact / kind, base), base, is_shared=False)
    if any((manifest.get("context") or {}).values()):
        # its positions are others than those of the base model
        stretched = load(with_context(base_model, manifest["context"]), precision(), chat_template)
        return Subject(apply_adapter(stretched, artifact / kind), base, is_shared=False)
    tuned = apply_adapter(base, artifact / kind)
    if has_own_base(tuned):
        return Subject(tuned, base, is_shared=True)
    return Subject(tuned, load(base_model, precision(), chat_template), is_shared=False)


def check_base(revision: str, trained_on: str) -> None:
    """WorkerFailure `model` when an adapter was trained on another base model than the one that is there."""
    if revision != trained_on:
        raise WorkerFailure(
            "model",
            "BaseModelMismatch",
            f'the adapter was trained on "{trained_on}" and baseModel is "{revision}": '
            "evaluate with the base model of the FineTuneJob",
        )


def whole_model(folder: Path, base: BaseModel) -> "torch.nn.Module":
    """A tuned model in the number format and on the device of its base."""
    from transformers import AutoModelForCausalLM

    try:
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=base.model.dtype, local_files_only=True)
    except (OSError, ValueError, RuntimeError) as error:
        text = str(error).split("\n")[0][:400]
        raise WorkerFailure("data", "InvalidAdapter", f"transformers cannot load the tuned model: {text}") from error
    return model.eval().to(base.model.device)


def read_manifest(artifact: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((artifact / "manifest.json").read_text("utf-8"))
        manifest["baseModelRevision"]
    except (OSError, ValueError, KeyError) as error:
        message = f"the adapter artifact has no manifest.json that names its base model: {error}"
        raise WorkerFailure("data", "InvalidAdapter", message) from error
    return manifest


def apply_adapter(base: BaseModel, adapter: Path) -> "PeftModel":
    from peft import PeftModel

    try:
        return PeftModel.from_pretrained(base.model, adapter).eval()
    except (OSError, ValueError, RuntimeError) as error:
        text = str(error).split("\n")[0][:400]
        raise WorkerFailure("data", "InvalidAdapter", f"peft cannot load the adapter: {text}") from error


def _check_tokenizer(tokenizer: "PreTrainedTokenizerBase", adapter: Path) -> None:
    from transformers import AutoTokenizer

    trained_with = AutoTokenizer.from_pretrained(adapter, local_files_only=True)
    for part, ours, theirs in (
        ("vocabulary", tokenizer.get_vocab(), trained_with.get_vocab()),
        ("chat template", tokenizer.chat_template, trained_with.chat_template),
    ):
        if ours != theirs:
            raise WorkerFailure(
                "model",
                "TokenizerMismatch",
                f"the {part} of baseModel is not that of the adapter's tokenizer: "
                "evaluate with the base model of the FineTuneJob",
            )


def precision() -> "torch.dtype":
    """fp32 on a CPU; on a GPU bf16, since a model that was trained in it would not fit otherwise."""
    import torch

    is_half = torch.cuda.is_available() and torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.bfloat16 if is_half else torch.float32
