"""The questions of an evaluation: rows of the dataset's splits, the same ones for every model."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from worker.contract import problem
from worker.failure import WorkerFailure


@dataclass(frozen=True)
class Item:
    """One question. `context` are the messages before the answer, `reference` is the answer of the dataset."""

    id: str
    split: str
    language: str
    context: list[dict[str, str]]
    reference: str


def load_items(dataset: Path, splits: list[str], maximum: int, seed: int) -> list[Item]:
    """At most `maximum` items a split, in the order of the dataset.

    WorkerFailure `data` for a split that is missing or empty and for a row that has no answer at its end.
    """
    return [item for split in splits for item in _draw(_split(dataset, split), maximum, seed)]


def _split(dataset: Path, split: str) -> list[Item]:
    path = dataset / f"{split}.jsonl"
    remedy = f'take "{split}" out of dataset.splits, or give it a share in the Dataset\'s split'
    if not path.is_file():
        raise WorkerFailure("data", "MissingSplit", f'the dataset has no split "{split}": {remedy}')
    items = [_item(line, split, number) for number, line in enumerate(path.read_text("utf-8").splitlines(), 1) if line]
    if not items:
        raise WorkerFailure("data", "EmptySplit", f'the split "{split}" of the dataset has no rows: {remedy}')
    return items


def _item(line: str, split: str, number: int) -> Item:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise WorkerFailure("data", "InvalidRow", f'"{split}.jsonl" line {number} is no JSON: {error}') from error
    complaint = problem("row", row)
    if complaint is None and row["messages"][-1]["role"] != "assistant":
        complaint = 'the last of "messages" must be the answer of the assistant'
    if complaint:
        raise WorkerFailure("data", "InvalidRow", f'"{split}.jsonl" line {number}: {complaint}')
    *context, answer = row["messages"]
    return Item(row["id"], split, row["language"], context, answer["content"])


def _draw(items: list[Item], maximum: int, seed: int) -> list[Item]:
    """Rows with the smallest seeded hash: a dataset that grows by some rows keeps nearly all of the sample."""

    def lot(item: Item) -> str:
        return hashlib.sha256(f"{seed}:{item.id}".encode()).hexdigest()

    drawn = {item.id for item in sorted(items, key=lot)[:maximum]}
    return [item for item in items if item.id in drawn]
