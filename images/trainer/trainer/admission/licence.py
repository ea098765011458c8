"""Under what licence a base model may be tuned, as its own files tell it, and whether that was accepted."""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from trainer.outcome.diagnosis import Warned
from worker.failure import WorkerFailure
from worker.models import model_file

# names as hubs write them, in lower case; whoever keeps the notice may use, change and pass on what is under them
OPEN_NAMES = """
apache-2.0 mit mit-0 bsd bsd-2-clause bsd-3-clause isc zlib unlicense 0bsd wtfpl cc0-1.0 pddl cc-by-2.0 cc-by-3.0
cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0 mpl-2.0 gpl gpl-2.0 gpl-3.0 lgpl lgpl-2.1 lgpl-3.0 agpl-3.0 bsl-1.0 ecl-2.0 epl-2.0
eupl-1.2 afl-3.0 artistic-2.0 ncsa ms-pl openmdw openmdw-1.0
"""
OPEN = frozenset(OPEN_NAMES.split())
# community licences, whose terms each user agrees to
AGREED = re.compile(r"^(llama|gemma)")
RESEARCH = re.compile(r"research|non-?commercial|(^|-)nc(-|$)|(^|-)(mnpl|mrl)(-|$)", re.IGNORECASE)
# what the first lines of a licence file say, and its name
TITLES = (
    (re.compile(r"apache license,?\s+version 2\.0", re.IGNORECASE), "apache-2.0"),
    (re.compile(r"\bmit license|permission is hereby granted, free of charge", re.IGNORECASE), "mit"),
    (re.compile(r"redistribution and use in source and binary forms", re.IGNORECASE), "bsd"),
    (re.compile(r"gnu (affero |lesser )?general public license", re.IGNORECASE), "gpl"),
    (re.compile(r"llama ([0-9.]+) community licen[sc]e", re.IGNORECASE), "llama"),
    (re.compile(r"gemma terms of use", re.IGNORECASE), "gemma"),
    (re.compile(r"research licen[sc]e", re.IGNORECASE), "research"),
    (re.compile(r"non-?commercial", re.IGNORECASE), "non-commercial"),
)
TITLE_CHARACTERS = 600
NOT_TOLD = ("", "other", "unknown")
LICENCE_FILES = ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "license.txt")

Kind = Literal["open", "agreed", "research", "unknown"]


@dataclass(frozen=True)
class Licence:
    """`name` as the model has it, None if it tells none; `file` tells it; `base` is what the model was made from."""

    name: str | None
    kind: Kind
    file: str | None
    base: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "base": list(self.base)}


def kind_of(name: str | None, is_gated: bool = False) -> Kind:
    """What a licence of this name asks of its users."""
    known = (name or "").lower()
    if RESEARCH.search(known):
        return "research"
    if is_gated or AGREED.match(known):
        return "agreed"
    return "open" if known in OPEN else "unknown"


def read_licence(base_model: dict[str, Any]) -> Licence:
    """The licence of `baseModel` of an input: of its card, else of its configuration, else of its licence file."""
    if "builtIn" in base_model:
        name = json.loads(model_file(base_model, "doctune.json").read_text("utf-8"))["licence"]
        return Licence(name, kind_of(name), "doctune.json")
    card = model_file(base_model, "README.md")
    about = _metadata(card) if card else {}
    base = tuple(str(one) for one in _listed(about.get("base_model")))
    is_gated = any(key.startswith("extra_gated") for key in about)
    name = _name(about)
    if name:
        return Licence(name, kind_of(name, is_gated), "README.md", base)
    configured = model_file(base_model, "config.json")
    name = str(json.loads(configured.read_text("utf-8")).get("license") or "") if configured else ""
    if name.lower() not in NOT_TOLD:
        return Licence(name, kind_of(name, is_gated), "config.json", base)
    for file in LICENCE_FILES:
        text = model_file(base_model, file)
        if text:
            name = name_of_text(text.read_text("utf-8", errors="replace"))
            return Licence(name, kind_of(name, is_gated), file, base)
    return Licence(None, kind_of(None, is_gated), "README.md" if is_gated else None, base)


def name_of_text(text: str) -> str | None:
    """The name of a licence by its first lines, None for one that is not recognised."""
    head = re.sub(r"\s+", " ", text[:TITLE_CHARACTERS])
    return next((name for pattern, name in TITLES if pattern.search(head)), None)


def check_licence(base_model: dict[str, Any], is_accepted: bool) -> Licence:
    """WorkerFailure `model` for a licence that asks for a consent which `baseModel.acceptLicense` does not give."""
    licence = read_licence(base_model)
    if is_accepted or licence.kind in ("open", "unknown"):
        return licence
    what = "allows research or non-commercial use only" if licence.kind == "research" else "has terms to agree to"
    name = f'the licence "{licence.name}"' if licence.name else "a gated licence"
    raise WorkerFailure(
        "model",
        "LicenceNotAccepted",
        f"the base model is under {name} ({licence.file}), which {what}: read it, then set baseModel.acceptLicense to "
        "true, or choose another model",
    )


def licence_warning(licence: Licence) -> Warned | None:
    if licence.kind != "unknown":
        return None
    told = (
        f'"{licence.name}" ({licence.file}) is none that is known' if licence.name else "is told in none of its files"
    )
    return Warned(
        "LicenceUnknown", f"the licence of the base model {told}: find out what it allows before the adapter is used"
    )


def _name(about: dict[str, Any]) -> str | None:
    """`license` of a card; where it is "other", its `license_name`; of several, all."""
    names = [str(name) for name in _listed(about.get("license"))]
    named = [str(name) for name in _listed(about.get("license_name"))]
    found = [name for name in names if name.lower() not in NOT_TOLD] or named
    # several are a choice: one that is open is enough
    return next((name for name in found if kind_of(name) == "open"), found[0] if found else None)


def _listed(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, list) else [value]


def _metadata(card: Path) -> dict[str, Any]:
    from huggingface_hub.repocard import metadata_load

    try:
        return metadata_load(card) or {}
    except ValueError:
        # a head that is no YAML mapping tells nothing
        return {}
