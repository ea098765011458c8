"""Rows of a dataset artifact."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worker.contract import problem
from worker.failure import WorkerFailure

REMEDY = "let the Dataset of datasetRef make its rows again, or correct those that its spec.importFrom brings"


@dataclass(frozen=True)
class Row:
    """One row; `probe` is "recall" or "unseen" for a row that is not trained, else None.

    `domain` is "documents", or "general" for a row that is there against forgetting. `evidence` are the passages of the
    documents on which the answer rests.
    """

    id: str
    messages: list[dict[str, str]]
    language: str
    probe: str | None
    domain: str = "documents"
    task: str = "other"
    evidence: tuple[str, ...] = ()
    # the model that wrote it, None for rows without one
    generator: str | None = None
    # right answers besides that of the last message
    references: tuple[str, ...] = ()


def load_rows(dataset: Path, split: str) -> list[Row]:
    """All rows of a split. WorkerFailure `data` when the file is missing or a row does not fit the contract."""
    path = dataset / f"{split}.jsonl"
    if not path.is_file():
        raise WorkerFailure("data", "MissingSplit", f'the dataset has no file "{split}.jsonl": generate it again')
    # splitlines would also split at U+2028 and U+0085, which JSON leaves as they are within a text
    lines = path.read_text("utf-8").split("\n")
    return [_row(line, f'"{split}.jsonl" line {number}') for number, line in enumerate(lines, 1) if line.strip()]


def _row(line: str, place: str) -> Row:
    try:
        row: Any = json.loads(line)
    except ValueError as error:
        raise WorkerFailure("data", "InvalidRow", f"{place} of the dataset is no JSON: {error}: {REMEDY}") from error
    complaint = problem("row", row)
    if complaint is None and row["messages"][-1]["role"] != "assistant":
        complaint = 'the last of "messages" must be the answer of the assistant'
    if complaint:
        raise WorkerFailure("data", "InvalidRow", f"{place} of the dataset: {complaint}: {REMEDY}")
    return Row(
        row["id"],
        row["messages"],
        row["language"],
        row["probe"],
        row.get("domain", "documents"),
        row["task"],
        tuple(each["quote"] for each in row["source"]["evidence"]),
        row["generator"]["model"],
        tuple(row.get("references", ())),
    )
