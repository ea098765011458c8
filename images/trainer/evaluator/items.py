"""The questions of an evaluation: rows of the dataset's splits, the same ones for every model."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from worker.chat import Messages
from worker.failure import WorkerFailure
from worker.rows import Row, load_rows


@dataclass(frozen=True)
class Item:
    """One question: the last of `messages` is the answer of the dataset, which no model is shown; `further` are other
    right answers.
    """

    id: str
    split: str
    language: str
    messages: Messages
    task: str = "other"
    # passages of the documents on which the answer rests
    evidence: tuple[str, ...] = ()
    further: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """The same text may be asked in two splits."""
        return self.split, self.id

    @property
    def reference(self) -> str:
        return self.messages[-1]["content"]

    @property
    def references(self) -> tuple[str, ...]:
        """All right answers, that of the dataset first."""
        return (self.reference, *self.further)


def load_items(dataset: Path, splits: list[str], maximum: int, seed: int) -> list[Item]:
    """At most `maximum` items a split, in the order of the dataset; WorkerFailure `data` without any row of a split."""
    return [
        Item(row.id, split, row.language, row.messages, row.task, row.evidence, row.references)
        for split in splits
        for row in _draw(_rows(dataset, split), maximum, seed)
    ]


def _rows(dataset: Path, split: str) -> list[Row]:
    remedy = f'take "{split}" out of dataset.splits, or give it a share in "split" of the Dataset'
    if not (dataset / f"{split}.jsonl").is_file():
        raise WorkerFailure("data", "MissingSplit", f'the dataset has no split "{split}": {remedy}')
    rows = load_rows(dataset, split)
    if not rows:
        raise WorkerFailure("data", "EmptySplit", f'the split "{split}" of the dataset has no rows: {remedy}')
    return rows


def trained_rows(dataset: Path) -> list[Row]:
    """The rows that were trained; none for a dataset that was made for evaluations alone."""
    return load_rows(dataset, "train") if (dataset / "train.jsonl").is_file() else []


def _draw(rows: list[Row], maximum: int, seed: int) -> list[Row]:
    """Rows with the smallest seeded hash: a dataset that grows by some rows keeps nearly all of the sample."""

    drawn = {row.id for row in sorted(rows, key=lambda row: lot(seed, row.id))[:maximum]}
    return [row for row in rows if row.id in drawn]


def lot(seed: int, identity: str) -> str:
    """What a draw sorts by."""
    return hashlib.sha256(f"{seed}:{identity}".encode()).hexdigest()
