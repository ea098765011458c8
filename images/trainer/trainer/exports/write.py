"""Makes the exports of a run and checks each of them; the first that fails fails the run."""

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.exports import gguf_file, merged, onnx_model, torch_script
from trainer.exports.ollama import write_ollama
from trainer.exports.parity import check, compare, refused
from trainer.exports.reference import Forward, Prompts
from trainer.exports.tuned import count_parameters, load_tuned, merge
from trainer.exports.wanted import Wanted
from worker.chat import Messages, prompt_text

if TYPE_CHECKING:
    from torch.nn import Module
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

log = logging.getLogger("trainer")

BITS_16_BYTES = 2

# name, what writes it into a folder or file, what reads it back, where it lies, whether it has fewer than 16 bits
Export = tuple[str, Callable[["PreTrainedModel", Path], None], Callable[[Path], Forward], str, bool]


def exports_of(wanted: Wanted, tokenizer: "PreTrainedTokenizerBase") -> Iterator[Export]:
    if wanted.is_merged:
        yield "merged", lambda model, to: merged.write_merged(model, tokenizer, to), merged.load_merged, "merged", False
    for kind in wanted.gguf:
        yield (
            f"gguf-{kind}",
            lambda model, to, kind=kind: gguf_file.write_gguf(model, tokenizer, kind, to),
            gguf_file.load_gguf,
            f"gguf/{gguf_file.file_name(kind)}",
            kind != "f16",
        )
    if wanted.is_onnx:
        yield "onnx", onnx_model.write_onnx, onnx_model.load_onnx, "onnx", False
    if wanted.is_torch_script:
        yield "torchscript", torch_script.write_torch_script, torch_script.load_torch_script, "torchscript", False


def write_exports(
    folder: Path,
    trained: str,
    base_model: dict[str, Any],
    chat_template: str,
    tokenizer: "PreTrainedTokenizerBase",
    wanted: Wanted,
    prompts: Prompts,
    conversations: list[Messages],
) -> list[dict[str, Any]]:
    """Fill `folder`/exports from the adapter or model in its folder `trained`; gives name, path, size and parity.

    `conversations` end with a question each. WorkerFailure `export` when an export does not answer as the trained model
    does.
    """
    # it tells where it writes, line by line
    logging.getLogger("gguf").setLevel(logging.WARNING)
    target = folder / "exports"
    (target / "gguf").mkdir(parents=True)
    tuned = load_tuned(base_model, chat_template, folder / trained)
    expected = prompts.logits(forward_of(tuned))
    model = merge(tuned)
    parameters = count_parameters(model)
    exports = list(exports_of(wanted, tokenizer))
    for name, write, _, place, _ in exports:
        log.info("export is written", extra={"export": name})
        write(model, target / place)
    # a second model of this size may not fit beside it
    del tuned, model
    reports = []
    for name, _, read, place, is_quantised in exports:
        parity = compare(expected, prompts.logits(read(target / place)), prompts.targets)
        log.info("export is checked", extra={"export": name, **parity.as_dict()})
        check(name, parity, is_quantised)
        size = bytes_of(target / place)
        ratio = round(size / (BITS_16_BYTES * parameters), 4)
        reports.append(
            {"name": name, "path": f"exports/{place}", "bytes": size, "sizeRatio": ratio, **parity.as_dict()}
        )
    if wanted.gguf:
        check_templates(wanted, tokenizer, conversations, target)
    else:
        shutil.rmtree(target / "gguf")
    return reports


def forward_of(model: "Module") -> Forward:
    return lambda ids: model(input_ids=ids.to(model.device), use_cache=False).logits


def check_templates(
    wanted: Wanted, tokenizer: "PreTrainedTokenizerBase", conversations: list[Messages], target: Path
) -> None:
    """The template that each GGUF file carries renders as the tokenizer's; the Modelfile is written here."""
    files = [target / "gguf" / gguf_file.file_name(kind) for kind in wanted.gguf]
    for file in files:
        template = gguf_file.read_template(file)
        if any(rendered(tokenizer, template, one) != prompt_text(tokenizer, one) for one in conversations):
            raise refused(file.stem, "its chat template renders another prompt")
    if wanted.is_ollama:
        write_ollama(tokenizer, conversations, files[0], target / "ollama")


def rendered(tokenizer: "PreTrainedTokenizerBase", template: str, messages: Messages) -> str:
    return tokenizer.apply_chat_template(messages, chat_template=template, tokenize=False, add_generation_prompt=True)


def bytes_of(place: Path) -> int:
    files = [place] if place.is_file() else place.rglob("*")
    return sum(path.stat().st_size for path in files if path.is_file())
