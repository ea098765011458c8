"""The models that answer: the base, the tuned one, and whatever a comparison names beside them.

They are asked the same items in the same order under the same settings. What differs besides the model, a tokenizer or
a chat template, is told with the figures.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluator.answer_log import digest_of
from evaluator.sources import Source, loaded, source_of
from evaluator.subject import (
    Subject,
    check_base,
    load_subject,
)
from worker.failure import WorkerFailure

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
    # what it was made from
    base_model: str
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
    sources = [source_of(each) for each in others]
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
            subject.base.name,
        )
        for name, digest in ((BASE, subject.base.revision), (TUNED, value["adapter"]["digest"]))
    ]
    rest = [contestant_of(source, engine) for source in sources]
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


def contestant_of(source: Source, engine: dict[str, Any]) -> Contestant:
    from transformers import AutoConfig, AutoTokenizer

    from worker.models import load_config, name_of

    # a GGUF file has a tokenizer too, but the one beside the adapter is what it was made from
    beside = source.folder.parents[1] / source.manifest.get("kind", "adapter") if source.file else source.folder
    tokenizer = AutoTokenizer.from_pretrained(beside, local_files_only=True)
    if not source.file and (source.folder / "config.json").is_file():
        positions = AutoConfig.from_pretrained(source.folder, local_files_only=True).max_position_embeddings
    else:
        positions = load_config(source.base_model).max_position_embeddings
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return Contestant(
        source.name,
        tokenizer,
        positions,
        _conditions(source.digest, tokenizer, engine),
        partial(loaded, source),
        name_of(source.base_model),
    )


def _conditions(digest: str, tokenizer: "PreTrainedTokenizerBase", engine: dict[str, Any]) -> dict[str, Any]:
    return {"model": digest, "template": digest_of(tokenizer.chat_template), "engine": engine}


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
