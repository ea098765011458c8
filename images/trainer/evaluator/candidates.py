"""The models that answer: the base, the tuned one, and whatever a comparison names beside them.

They are asked the same items in the same order under the same settings. What differs besides the model, a tokenizer or
a chat template, is told with the figures.
"""

import gc
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluator.subject import (
    Subject,
    answering,
    apply_adapter,
    check_base,
    load_subject,
    precision,
    read_manifest,
    whole_model,
)
from worker.context import with_context
from worker.failure import WorkerFailure
from worker.models import load
from worker.store import SCHEME, store_root, verified

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

BASE, TUNED, BASELINE = "base", "tuned", "baseline"
ENGINE = "transformers"


@dataclass(frozen=True)
class Contestant:
    """A model that answers. `conditions` are all that its answers depend on besides item and setting."""

    name: str
    tokenizer: "PreTrainedTokenizerBase"
    positions: int
    conditions: dict[str, Any]
    # within it the model as it can be fed step by step
    opened: Callable[[], AbstractContextManager[Any]]
    note: str | None = None


@dataclass(frozen=True)
class Lineup:
    """`baseline` is the name of the contestant that all `candidates` are compared with."""

    subject: Subject
    contestants: list[Contestant]
    baseline: str
    notes: list[dict[str, str]] = field(default_factory=list)

    @property
    def candidates(self) -> list[str]:
        return [each.name for each in self.contestants if each.name != self.baseline]

    def named(self, name: str) -> Contestant:
        return next(each for each in self.contestants if each.name == name)

    def same_tokens(self, name: str) -> bool:
        """Whether perplexities of it and of the baseline count the same tokens."""
        ours, theirs = self.named(self.baseline).tokenizer, self.named(name).tokenizer
        return ours is theirs or ours.get_vocab() == theirs.get_vocab()


def load_lineup(value: dict[str, Any], adapter: Path, libraries: dict[str, str]) -> Lineup:
    """All models of an input; those besides base and tuned are loaded when it is their turn, one at a time."""
    others = [
        *([{"name": BASELINE} | value["baseline"]] if value.get("baseline") else []),
        *value.get("candidates", []),
    ]
    check_names(others)
    # every artifact is looked at before the first model is loaded
    sources = [_source(each) for each in others]
    subject = load_subject(value["baseModel"], adapter)
    for source in sources:
        # others are loaded at their turn, and told then
        if source.base_model == value["baseModel"]:
            check_base(subject.base.revision, source.manifest["baseModelRevision"])
    engine = {
        "name": ENGINE,
        "dtype": str(subject.model.dtype),
        "device": subject.model.device.type,
        "libraries": libraries,
    }
    positions = subject.model.config.max_position_embeddings
    pair = [
        Contestant(
            name,
            subject.tokenizer,
            positions,
            _conditions(digest, subject.tokenizer, engine),
            partial(subject.acting_as, name),
        )
        for name, digest in ((BASE, subject.base.revision), (TUNED, value["adapter"]["digest"]))
    ]
    rest = [_contestant(source, engine) for source in sources]
    lineup = Lineup(subject, [*pair, *rest], BASELINE if value.get("baseline") else BASE)
    lineup.notes.extend(_notes(lineup))
    return lineup


def check_names(others: list[dict[str, Any]]) -> None:
    """WorkerFailure `config` for names that two models would share."""
    names = [BASE, TUNED, *(each["name"] for each in others)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise WorkerFailure(
            "config", "DuplicateCandidate", f'candidates: "{twice}" names two models: give each a name of its own'
        )


@dataclass(frozen=True)
class Source:
    """Where a candidate lies: `folder` has its weights and its tokenizer, `file` is a GGUF file within it."""

    name: str
    base_model: dict[str, Any]
    manifest: dict[str, Any]
    folder: Path
    file: str | None
    kind: str
    digest: str


def _source(candidate: dict[str, Any]) -> Source:
    place = f'candidates "{candidate["name"]}"'
    artifact = verified(candidate["adapter"], place)
    manifest = read_manifest(artifact)
    kind = manifest.get("kind", "adapter")
    digest = candidate["adapter"]["digest"]
    if candidate.get("export"):
        return _export(candidate, place, artifact, manifest)
    if candidate.get("checkpoint") and candidate["checkpoint"]["step"] != "best":
        folder = _checkpoint(candidate["checkpoint"], place)
        sums = hashlib.sha256((folder / "SHA256SUMS").read_bytes()).hexdigest()
        return Source(candidate["name"], candidate["baseModel"], manifest, folder, None, kind, f"sha256:{sums}")
    # the published weights are those of the best evaluation
    return Source(candidate["name"], candidate["baseModel"], manifest, artifact / kind, None, kind, digest)


def _export(candidate: dict[str, Any], place: str, artifact: Path, manifest: dict[str, Any]) -> Source:
    name = candidate["export"]
    there = exports_of(artifact)
    if name not in there:
        raise WorkerFailure(
            "config",
            "ExportNotFound",
            f'{place}: the artifact has no export "{name}", only {", ".join(there) or "none"}: add it to spec.output '
            "of the FineTuneJob",
        )
    if name in ("onnx", "torchscript"):
        raise WorkerFailure(
            "config",
            "NoEngine",
            f'{place}: nothing in this image writes answers with the export "{name}": evaluate "merged" or a GGUF file '
            "of the same job, which has the same weights",
        )
    path = artifact / there[name]
    digest = f"{candidate['adapter']['digest']}#{there[name]}"
    is_file = path.is_file()
    return Source(
        candidate["name"],
        candidate["baseModel"],
        manifest,
        path.parent if is_file else path,
        path.name if is_file else None,
        "model",
        digest,
    )


def exports_of(artifact: Path) -> dict[str, str]:
    """Exports of an artifact by their names, with their paths."""
    folder = artifact / "exports"
    found = {name: f"exports/{name}" for name in ("merged", "onnx", "torchscript") if (folder / name).is_dir()}
    files = sorted((folder / "gguf").glob("model-*.gguf"))
    return found | {f"gguf-{file.stem.removeprefix('model-')}": f"exports/gguf/{file.name}" for file in files}


def _checkpoint(asked: dict[str, Any], place: str) -> Path:
    from trainer.checkpoints import is_valid, list_checkpoints, newest_valid, step_of

    uri = asked["uri"]
    folder = store_root().joinpath(*uri.removeprefix(SCHEME).split("/"))
    if asked["step"] == "last":
        chosen = newest_valid(folder)
    else:
        named = folder / f"step-{asked['step']}"
        chosen = named if is_valid(named) else None
    if chosen is None:
        steps = ", ".join(str(step_of(path)) for path in list_checkpoints(folder)) or "none"
        raise WorkerFailure(
            "data",
            "CheckpointNotFound",
            f'{place}: the run has no whole checkpoint "{asked["step"]}", only of the steps {steps}: name one of them, '
            "or raise checkpoint.keep of the FineTuneJob",
        )
    return chosen


def _contestant(source: Source, engine: dict[str, Any]) -> Contestant:
    from transformers import AutoConfig, AutoTokenizer

    # a GGUF file has a tokenizer too, but the one beside the adapter is what it was made from
    beside = source.folder.parents[1] / source.manifest.get("kind", "adapter") if source.file else source.folder
    tokenizer = AutoTokenizer.from_pretrained(beside, local_files_only=True)
    if not source.file and (source.folder / "config.json").is_file():
        positions = AutoConfig.from_pretrained(source.folder, local_files_only=True).max_position_embeddings
    else:
        from worker.models import load_config

        positions = load_config(source.base_model).max_position_embeddings
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return Contestant(
        source.name,
        tokenizer,
        positions,
        _conditions(source.digest, tokenizer, engine),
        partial(_opened, source),
    )


@contextmanager
def _opened(source: Source) -> Iterator[Any]:
    """The model of a candidate, in memory for as long as it answers."""
    template = source.manifest.get("chatTemplate", {}).get("asked", "auto")
    base = load(with_context(source.base_model, source.manifest.get("context")), precision(), template)
    check_base(base.revision, source.manifest["baseModelRevision"])
    if source.file:
        model = _gguf(source, base)
    elif source.kind == "model":
        model = whole_model(source.folder, base)
    else:
        model = apply_adapter(base, source.folder)
    del base
    try:
        yield answering(model)
    finally:
        del model
        gc.collect()
        _free_gpu()


def _gguf(source: Source, base: Any) -> Any:
    """Weights of a GGUF file as transformers reads them: those that llama.cpp would multiply, in full precision."""
    from transformers import AutoModelForCausalLM

    try:
        model = AutoModelForCausalLM.from_pretrained(
            source.folder, gguf_file=source.file, dtype=base.model.dtype, local_files_only=True
        )
    except (OSError, ValueError, RuntimeError, ImportError) as error:
        text = str(error).split("\n")[0][:300]
        raise WorkerFailure(
            "config",
            "NoEngine",
            f'candidates "{source.name}": transformers cannot read "{source.file}" ({text}): evaluate the export '
            '"merged" of the same job instead',
        ) from error
    return model.eval().to(base.model.device)


def _free_gpu() -> None:
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _conditions(digest: str, tokenizer: "PreTrainedTokenizerBase", engine: dict[str, Any]) -> dict[str, Any]:
    template = json.dumps(tokenizer.chat_template, sort_keys=True)
    return {"model": digest, "template": hashlib.sha256(template.encode()).hexdigest(), "engine": engine}


def _notes(lineup: Lineup) -> list[dict[str, str]]:
    """What else differs between a candidate and the baseline, and what that does to the figures."""
    baseline = lineup.named(lineup.baseline)
    found = []
    for name in lineup.candidates:
        each = lineup.named(name)
        if not lineup.same_tokens(name):
            message = (
                f'"{name}" and "{baseline.name}" have different tokenizers, whose perplexities count different tokens: '
                "bits per byte are compared instead"
            )
            found.append({"candidate": name, "reason": "TokenizersDiffer", "message": message})
        elif each.conditions["template"] != baseline.conditions["template"]:
            message = f'"{name}" and "{baseline.name}" are asked by different chat templates, as each was trained'
            found.append({"candidate": name, "reason": "TemplatesDiffer", "message": message})
    return found
