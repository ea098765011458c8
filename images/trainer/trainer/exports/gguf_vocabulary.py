"""The tokenizer of a model in the words of llama.cpp."""

import json
from typing import TYPE_CHECKING, Any

from worker.failure import WorkerFailure

if TYPE_CHECKING:
    from gguf import GGUFWriter
    from transformers import PreTrainedTokenizerBase

LLAMA_3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)
# llama.cpp has each way to cut text into words under a name of its own
SPLITS = {LLAMA_3: "llama-bpe", LLAMA_3.replace("{1,3}", ""): "qwen2"}
SPECIAL_IDS = ("bos", "eos", "unk", "pad")


def split_name(backend: dict[str, Any]) -> str | None:
    """llama.cpp's name for the pre-tokenizer of a tokenizer.json, None for one that it has no name for."""
    if backend["model"]["type"] != "BPE" or backend["model"].get("byte_fallback"):
        return None
    splitter = backend["pre_tokenizer"] or {}
    parts = splitter.get("pretokenizers", [splitter])
    kinds = [part.get("type") for part in parts]
    if kinds == ["ByteLevel"]:
        return "gpt-2"
    if kinds == ["Digits", "ByteLevel"] and parts[0]["individual_digits"]:
        return "smollm"
    if kinds == ["Split", "ByteLevel"]:
        return SPLITS.get(parts[0]["pattern"].get("Regex"))
    return None


def backend_of(tokenizer: "PreTrainedTokenizerBase") -> dict[str, Any]:
    return json.loads(tokenizer.backend_tokenizer.to_str())


def check_vocabulary(tokenizer: "PreTrainedTokenizerBase") -> None:
    """WorkerFailure `config` for a tokenizer that a GGUF file of ours cannot carry."""
    if not getattr(tokenizer, "is_fast", False) or split_name(backend_of(tokenizer)) is None:
        raise WorkerFailure(
            "config",
            "ExportUnsupported",
            "output.gguf: only byte-level BPE tokenizers in the manner of GPT-2, SmolLM, Llama 3 and Qwen2 can be "
            "written: leave output.gguf out, and convert the merged model by llama.cpp",
        )


def add_vocabulary(writer: "GGUFWriter", tokenizer: "PreTrainedTokenizerBase", size: int) -> None:
    """Tokens, merges, special tokens and chat template; `size` is the number of rows of the embedding."""
    backend = backend_of(tokenizer)
    tokens, types = token_table(tokenizer, size)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(split_name(backend) or "default")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    merges = backend["model"]["merges"]
    writer.add_token_merges([merge if isinstance(merge, str) else " ".join(merge) for merge in merges])
    for name in SPECIAL_IDS:
        token = getattr(tokenizer, f"{name}_token_id")
        if token is not None:
            getattr(writer, f"add_{name}_token_id")(token)
    # the template writes what belongs before a conversation
    writer.add_add_bos_token(False)
    writer.add_chat_template(tokenizer.chat_template)


def token_table(tokenizer: "PreTrainedTokenizerBase", size: int) -> tuple[list[str], list[int]]:
    """Texts and types of all ids, those that no token has filled up."""
    from gguf import TokenType

    texts = {token: text for text, token in tokenizer.get_vocab().items()}
    added = tokenizer.added_tokens_decoder

    def type_of(token: int) -> int:
        if token not in texts:
            return TokenType.UNUSED
        if token not in added:
            return TokenType.NORMAL
        return TokenType.CONTROL if added[token].special else TokenType.USER_DEFINED

    return [texts.get(token, f"[PAD{token}]") for token in range(size)], [type_of(token) for token in range(size)]
