"""Base models: those inside the image, those of a hub and those on a mounted claim, loaded the same way."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from worker.chat_templates import ChatTemplate, fit_chat_template, fit_embeddings
from worker.context import add_positions, forget_lengths, scale_rope
from worker.digests import CHECKSUM_FILE, checksums_digest, render_checksums
from worker.failure import WorkerFailure

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

MODELS = ("DOCTUNE_MODELS", "/models")


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
    """The configuration of `baseModel`, without its weights. WorkerFailure `model` when it cannot be had."""
    arguments, place = _locate(base_model)
    from transformers import AutoConfig

    try:
        return AutoConfig.from_pretrained(place, **arguments)
    except (OSError, ValueError, KeyError) as error:
        raise _unusable(place, error) from error


def model_file(base_model: dict[str, Any], name: str) -> Path | None:
    """A file beside the weights of `baseModel`, None where there is none of this name."""
    arguments, place = _locate(base_model)
    if "huggingFace" not in base_model:
        file = Path(place) / name
        return file if file.is_file() else None
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(hf_hub_download(place, name, revision=arguments["revision"], token=arguments["token"]))
    except LocalEntryNotFoundError as error:
        raise _unusable(place, error) from error
    except EntryNotFoundError:
        return None
    except HfHubHTTPError as error:
        raise _unusable(place, error) from error


def load_tokenizer(
    base_model: dict[str, Any], chat_template: str = "auto"
) -> tuple["PreTrainedTokenizerBase", ChatTemplate]:
    """The tokenizer of `baseModel`, with a chat template and a padding token, before any weight is loaded.

    WorkerFailure `model` when it does not exist or no chat template fits it.
    """
    arguments, place = _locate(base_model)
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(place, **arguments)
    except (OSError, ValueError, KeyError) as error:
        raise _unusable(place, error) from error
    template = fit_chat_template(tokenizer, chat_template, place)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer, template


def load(
    base_model: dict[str, Any],
    dtype: "torch.dtype | str | None" = None,
    chat_template: str = "auto",
    device: str | None = None,
    options: dict[str, Any] | None = None,
) -> BaseModel:
    """Load `baseModel` of an input in eval mode, on the accelerator where there is one, in fp32, unless told otherwise
    (`dtype` "auto": as its files have it).

    A `baseModel` with a "context" gets the positions that worker.context tells of. `options` are further arguments of
    `from_pretrained`; one that places the model itself has a "device_map".

    WorkerFailure `model` when it does not exist, does not fit a causal language model or no chat template fits it.
    """
    arguments, place = _locate(base_model)
    options = options or {}
    context = base_model.get("context") or {}
    # first import of transformers in a worker: the hub switches above are read at import
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    tokenizer, template = load_tokenizer(base_model, chat_template)
    if scaling := context.get("ropeScaling"):
        options = {"config": load_config(base_model), **options}
        scale_rope(options["config"], scaling)
    try:
        model = AutoModelForCausalLM.from_pretrained(place, dtype=dtype or torch.float32, **arguments, **options)
    except (OSError, ValueError, KeyError) as error:
        raise _unusable(place, error) from error
    if positions := context.get("positions"):
        add_positions(model, positions)
    forget_lengths(model)
    fit_embeddings(model, tokenizer)
    name = base_model.get("builtIn") or place
    model.eval()
    if "device_map" not in options:
        model.to(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    return BaseModel(model, tokenizer, name, _revision(base_model, model), _note(Path(place)), template)


def _unusable(place: str, error: Exception) -> WorkerFailure:
    text = str(error).split("\n")[0][:400]
    return WorkerFailure("model", "BaseModelUnusable", f'baseModel "{place}" cannot be loaded: {text}')


def _locate(base_model: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Arguments of `from_pretrained` and the folder or repository to load."""
    if hub := base_model.get("huggingFace"):
        # else the image's offline switch would refuse the download
        os.environ["HF_HUB_OFFLINE"] = "0"
        token = Path(hub["tokenFile"]).read_text("utf-8").strip() if "tokenFile" in hub else None
        return {"revision": hub["revision"], "token": token, "trust_remote_code": False}, hub["repo"]
    if "builtIn" in base_model:
        folder = Path(os.environ.get(*MODELS)) / base_model["builtIn"]
        remedy = f'baseModel.builtIn "{base_model["builtIn"]}" is not in this image: choose one of {_built_in()}'
    else:
        folder = Path(base_model["path"])
        remedy = f'baseModel.claimRef.path: there is no model at "{folder}": name a folder with a config.json'
    if not (folder / "config.json").is_file():
        raise WorkerFailure("model", "BaseModelNotFound", remedy)
    return {"local_files_only": True, "trust_remote_code": False}, str(folder)


def _built_in() -> str:
    folder = Path(os.environ.get(*MODELS))
    return ", ".join(f'"{path.parent.name}"' for path in sorted(folder.glob("*/config.json"))) or "none"


def _revision(base_model: dict[str, Any], model: "PreTrainedModel") -> str:
    """The hub's commit, or the digest of the files: of a built-in model as it was computed when the image was made."""
    if hub := base_model.get("huggingFace"):
        return f"{hub['repo']}@{getattr(model.config, '_commit_hash', None) or hub['revision']}"
    folder = Path(model.name_or_path)
    if "builtIn" in base_model:
        return f"{base_model['builtIn']}@{checksums_digest((folder / CHECKSUM_FILE).read_text('utf-8'))}"
    return checksums_digest(render_checksums(folder))


def _note(place: Path) -> str | None:
    card = place / "doctune.json"
    return json.loads(card.read_text("utf-8"))["note"] if card.is_file() else None
