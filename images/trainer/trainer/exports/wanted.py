"""Which exports an input asks for, refused before the training where they cannot be made."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trainer.exports.gguf_file import check_gguf
from trainer.methods.names import PROMPT_TUNING
from worker.failure import WorkerFailure

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

# kinds of rotary positions, by their names in a configuration, that are computed anew from the length of each batch
FOLLOWS_LENGTH = frozenset({"dynamic", "longrope"})


@dataclass(frozen=True)
class Wanted:
    """`gguf` are kinds of weights, such as f16 and q4_0, the first one for Ollama."""

    is_merged: bool
    gguf: tuple[str, ...]
    is_onnx: bool
    is_torch_script: bool
    is_ollama: bool

    def __bool__(self) -> bool:
        return self.is_merged or bool(self.gguf) or self.is_onnx or self.is_torch_script

    @staticmethod
    def of(value: dict[str, Any]) -> "Wanted":
        """The exports of a train input."""
        output = value["output"]
        return Wanted(output["merged"], tuple(output["gguf"]), output["onnx"], output["torchScript"], output["ollama"])


def check_wanted(wanted: Wanted, method: str, config: Any, tokenizer: "PreTrainedTokenizerBase") -> None:
    """WorkerFailure `config` for exports that this base model or method cannot have."""
    if wanted and method == PROMPT_TUNING:
        raise WorkerFailure(
            "config",
            "ExportUnsupported",
            f'output: method "{PROMPT_TUNING}" adds no weights that could be merged: leave exports out, or use another '
            "method",
        )
    if wanted.gguf:
        check_gguf(config, tokenizer)
    kinds = sorted(rope_kinds(config) & FOLLOWS_LENGTH)
    if kinds and (wanted.is_onnx or wanted.is_torch_script):
        raise WorkerFailure(
            "config",
            "ExportUnsupported",
            f'output.onnx, output.torchScript: rotary positions of the kind "{kinds[0]}" change with the length of a '
            "row, which a trace fixes to that of its example: longer rows would be wrong. Leave them out, or set "
            'context.ropeScaling.type to "Linear" or "Yarn" where it is asked for',
        )
    has_window = bool(getattr(config, "sliding_window", None)) and getattr(config, "use_sliding_window", True)
    if has_window and (wanted.is_onnx or wanted.is_torch_script):
        raise WorkerFailure(
            "config",
            "ExportUnsupported",
            "output.onnx, output.torchScript: a base model whose attention sees a window only cannot be traced: leave "
            "them out",
        )


def rope_kinds(config: Any) -> set[str]:
    """Kinds of rotary positions of a configuration, which may have one a kind of layer; none for other models."""
    known = getattr(config, "rope_parameters", None) or {}
    parts = [known] if "rope_type" in known else [part for part in known.values() if isinstance(part, dict)]
    return {part.get("rope_type", "default") for part in parts}
