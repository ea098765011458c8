"""Base models: those inside the image, those of a hub and those on a mounted claim, loaded the same way."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from worker.chat_templates import ChatTemplate, fit_chat_template, fit_embeddings
from worker.context import add_positions, forget_lengths, scale_rope
from worker.digests import CHECKSUM_FILE, checksums_digest, render_checksums
from worker.failure import WorkerFailure
from worker.hub import arguments as hub_arguments
from worker.hub import describe, fetch_weights, hub_failure

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

MODELS = ("DOCTUNE_MODELS", "/models")
# one of them is in every folder with a tokenizer
VOCABULARIES = ("tokenizer.json", "*.model", "vocab.json", "vocab.txt", "*.tiktoken", "tekken.json")


class Words(NamedTuple):
    """What makes tokens of chats."""

    tokenizer: "PreTrainedTokenizerBase"
    template: ChatTemplate


@dataclass(frozen=True)
class BaseModel:
    """`name` for people, `revision` names the weights exactly, `note` goes with every figure (None: nothing to say)."""

    model: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerBase"
    name: str
    revision: str
    note: str | None
    template: ChatTemplate = ChatTemplate("tokenizer")


def load_config(base_model: dict[str, Any]) -> Any:
    """The configuration of `baseModel`, without its weights, with the rotary positions of its "context".

    WorkerFailure as `_unusable` and `scale_rope` have it.
    """
    place, _, arguments = _locate(base_model)
    from transformers import AutoConfig

    try:
        config = AutoConfig.from_pretrained(place, **arguments)
    except (OSError, ValueError, KeyError) as error:
        raise _unusable(base_model, error) from error
    if scaling := (base_model.get("context") or {}).get("ropeScaling"):
        scale_rope(config, scaling)
    return config


def model_file(base_model: dict[str, Any], name: str) -> Path | None:
    """A file beside the weights of `baseModel`, None where there is none of this name."""
    file = _locate(base_model).folder / name
    return file if file.is_file() else None


def load_tokenizer(base_model: dict[str, Any], chat_template: str = "auto") -> Words:
    """The tokenizer of `baseModel`, with a chat template and a padding token, before any weight is loaded.

    WorkerFailure `model` when it does not exist or no chat template fits it.
    """
    place, folder, arguments = _locate(base_model)
    if not any(file for pattern in VOCABULARIES for file in folder.glob(pattern)):
        raise WorkerFailure(
            "model",
            "NoTokenizer",
            f'baseModel "{place}" has no tokenizer: put the files of its tokenizer (such as tokenizer.json) beside '
            "config.json, or choose another model",
        )
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(place, **arguments)
    except (OSError, ValueError, KeyError) as error:
        raise _unusable(base_model, error) from error
    template = fit_chat_template(tokenizer, chat_template, place)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return Words(tokenizer, template)


def load(
    base_model: dict[str, Any],
    dtype: "torch.dtype | str | None" = None,
    chat_template: str = "auto",
    device: str | None = None,
    options: dict[str, Any] | None = None,
    words: Words | None = None,
) -> BaseModel:
    """Load `baseModel` of an input in eval mode, on the accelerator where there is one, in fp32, unless told otherwise
    (`dtype` "auto": as its files have it).

    A `baseModel` with a "context" gets the positions that worker.context tells of. `options` are further arguments of
    `from_pretrained`; one that places the model itself has a "device_map". `words` are those of `load_tokenizer`.

    WorkerFailure `model` when it does not exist, does not fit a causal language model or no chat template fits it.
    """
    place, folder, arguments = _locate(base_model)
    options = options or {}
    context = base_model.get("context") or {}
    # first import of transformers in a worker: the hub switches above are read at import
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    tokenizer, template = words or load_tokenizer(base_model, chat_template)
    if context.get("ropeScaling"):
        options = {"config": load_config(base_model), **options}
    if hub := base_model.get("huggingFace"):
        fetch_weights(hub, folder)
    try:
        model = AutoModelForCausalLM.from_pretrained(place, dtype=dtype or torch.float32, **arguments, **options)
    except (OSError, ValueError, KeyError) as error:
        raise _unusable(base_model, error) from error
    if positions := context.get("positions"):
        add_positions(model, positions)
    forget_lengths(model)
    fit_embeddings(model, tokenizer)
    name = name_of(base_model)
    # a file of this name on the hub is not ours
    note = None if "huggingFace" in base_model else _note(folder)
    model.eval()
    if "device_map" not in options:
        model.to(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    return BaseModel(model, tokenizer, name, _revision(base_model, folder), note, template)


def name_of(base_model: dict[str, Any]) -> str:
    """What a base model is called: its name in this image or on the hub, or its place."""
    return base_model.get("builtIn") or str(_locate(base_model)[0])


def _unusable(base_model: dict[str, Any], error: Exception) -> WorkerFailure:
    """What to say about `baseModel`: of a hub, whether to try again, or what the hub wants."""
    hub = base_model.get("huggingFace")
    if hub and (refusal := hub_failure(hub, error)):
        return refusal
    text = " ".join(str(error).split())[:400]
    return WorkerFailure(
        "model",
        "BaseModelUnusable",
        f'{_field(base_model)}: "{_locate(base_model).name}" cannot be loaded: {text}: choose a causal language model '
        "whose files are whole and whose architecture transformers has without code of the repository",
    )


def _field(base_model: dict[str, Any]) -> str:
    if "huggingFace" in base_model:
        return "baseModel.huggingFace.repo"
    return "baseModel.builtIn" if "builtIn" in base_model else "baseModel.claimRef.path"


class _Place(NamedTuple):
    """What `from_pretrained` loads and how, and where the files that describe the model lie."""

    name: str
    folder: Path
    arguments: dict[str, Any]


def _locate(base_model: dict[str, Any]) -> _Place:
    """Of a hub, its files but the weights are fetched. WorkerFailure when there is no such model."""
    if hub := base_model.get("huggingFace"):
        folder = describe(hub)
        return _Place(hub["repo"], folder, {**hub_arguments(hub, folder), "trust_remote_code": False})
    if "builtIn" in base_model:
        folder = Path(os.environ.get(*MODELS)) / base_model["builtIn"]
        remedy = f'baseModel.builtIn "{base_model["builtIn"]}" is not in this image: choose one of {_built_in()}'
    else:
        folder = Path(base_model["path"])
        remedy = f'baseModel.claimRef.path: there is no model at "{folder}": name a folder with a config.json'
    if not (folder / "config.json").is_file():
        raise WorkerFailure("model", "BaseModelNotFound", remedy)
    return _Place(str(folder), folder, {"local_files_only": True, "trust_remote_code": False})


def _built_in() -> str:
    folder = Path(os.environ.get(*MODELS))
    return ", ".join(f'"{path.parent.name}"' for path in sorted(folder.glob("*/config.json"))) or "none"


def revision_of(base_model: dict[str, Any]) -> str:
    """What names the weights of `baseModel` exactly, by which artifacts know it."""
    return _revision(base_model, _locate(base_model).folder)


def _revision(base_model: dict[str, Any], folder: Path) -> str:
    """The hub's commit, or the digest of the files: of a built-in model as it was computed when the image was made."""
    if hub := base_model.get("huggingFace"):
        return f"{hub['repo']}@{folder.name}"
    if "builtIn" in base_model:
        return f"{base_model['builtIn']}@{checksums_digest((folder / CHECKSUM_FILE).read_text('utf-8'))}"
    return checksums_digest(render_checksums(folder))


def _note(folder: Path) -> str | None:
    card = folder / "doctune.json"
    return json.loads(card.read_text("utf-8"))["note"] if card.is_file() else None
