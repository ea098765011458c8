"""What is evaluated: a base model with an adapter that can be switched off."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from worker.failure import WorkerFailure
from worker.models import BaseModel, load

if TYPE_CHECKING:
    import torch
    from peft import PeftModel
    from transformers import PreTrainedTokenizerBase

MODELS = ("base", "tuned")


@dataclass(frozen=True)
class Subject:
    """One set of weights for both models, so that nothing but the adapter differs between them."""

    model: "PeftModel"
    base: BaseModel

    @property
    def tokenizer(self) -> "PreTrainedTokenizerBase":
        return self.base.tokenizer

    def acting_as(self, name: str) -> AbstractContextManager[None]:
        """Within it the model answers as `base` or as `tuned`."""
        return self._as_base() if name == "base" else nullcontext()

    @contextmanager
    def _as_base(self) -> Iterator[None]:
        with self.model.disable_adapter():
            yield


def load_subject(base_model: dict[str, Any], artifact: Path) -> Subject:
    """Load `baseModel` of the input and the adapter artifact on it.

    WorkerFailure `model` when the adapter was trained on another base model or with another tokenizer.
    """
    manifest = _manifest(artifact)
    trained_on = manifest["baseModelRevision"]
    base = load(base_model, _precision(), manifest.get("chatTemplate", {}).get("asked", "auto"))
    if base.revision != trained_on:
        raise WorkerFailure(
            "model",
            "BaseModelMismatch",
            f'the adapter was trained on "{trained_on}" and baseModel is "{base.revision}": '
            "evaluate with the base model of the FineTuneJob",
        )
    adapter = artifact / "adapter"
    _check_tokenizer(base.tokenizer, adapter)
    return Subject(_apply(base, adapter), base)


def _manifest(artifact: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((artifact / "manifest.json").read_text("utf-8"))
        manifest["baseModelRevision"]
    except (OSError, ValueError, KeyError) as error:
        message = f"the adapter artifact has no manifest.json that names its base model: {error}"
        raise WorkerFailure("data", "InvalidAdapter", message) from error
    return manifest


def _apply(base: BaseModel, adapter: Path) -> "PeftModel":
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


def _precision() -> "torch.dtype":
    """fp32 on a CPU; on a GPU bf16, since a model that was trained in it would not fit otherwise."""
    import torch

    is_half = torch.cuda.is_available() and torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.bfloat16 if is_half else torch.float32
