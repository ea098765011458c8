"""The licences that an adapter comes from: those of its base model, of its documents, and the terms of its writer."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from trainer.admission.licence import Licence

MANIFEST = "manifest.json"
# what makes rows without a model has no terms
WITHOUT_TERMS = ("extractive", None)
LABELS = {
    "research": "research and non-commercial use only, as its base model",
    "agreed": "under the terms of the licence of its base model, which each user agrees to",
    "unknown": "the licence of its base model is not known",
    "open": "as its base model, and as its documents allow",
}


def licence_chain(licence: Licence, dataset: Path) -> dict[str, Any]:
    """`{baseModel, documents, generator, label}`; `documents` counts them by licence, None where nothing is told.

    `generator` is `{name, model}` of what wrote the rows, None where nobody's terms follow from it.
    """
    file = dataset / MANIFEST
    manifest = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    return {
        "baseModel": licence.as_dict(),
        "documents": documents_by_licence(manifest),
        "generator": generator_of(manifest),
        "label": LABELS[licence.kind],
    }


def documents_by_licence(manifest: dict[str, Any]) -> dict[str, int] | None:
    counts: Counter[str] = Counter()
    for source in manifest.get("sources", []):
        counts.update(source.get("licences") or {})
    return dict(sorted(counts.items())) or None


def generator_of(manifest: dict[str, Any]) -> dict[str, Any] | None:
    generator = manifest.get("generator") or {}
    if generator.get("name") in WITHOUT_TERMS:
        return None
    return {"name": generator["name"], "model": generator.get("model")}


def chain_lines(chain: dict[str, Any]) -> list[tuple[str, str]]:
    """(what, licence) of each link, for people."""
    base = chain["baseModel"]
    told = f"{base['name']} ({base['file']})" if base["name"] else "not told"
    lines = [("base model", told)]
    lines += [("made from", one) for one in base["base"]]
    documents = chain["documents"]
    lines.append(
        ("documents", "not told" if documents is None else ", ".join(f"{name} ({n})" for name, n in documents.items()))
    )
    if chain["generator"]:
        model = chain["generator"]["model"] or chain["generator"]["name"]
        lines.append(("rows", f"written by {model}: the terms of its provider apply to what is trained on them"))
    return [*lines, ("this adapter", chain["label"])]
