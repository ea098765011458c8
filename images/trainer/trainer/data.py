"""The rows and examples of a run."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.examples import Example, build_examples, check_masks, to_example
from worker.failure import WorkerFailure
from worker.rows import Row, load_rows

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

CURVES = ("recall", "unseen")
# rows a curve at an evaluation during training, which would else cost more than the training
MAX_CURVE_ROWS = 24


@dataclass(frozen=True)
class Rows:
    """`curves` maps "recall" and "unseen" to validation rows; a curve without rows is absent."""

    train: list[Row]
    curves: dict[str, list[Row]]


@dataclass(frozen=True)
class Examples:
    """`too_long` counts training rows left out because they exceed the maximum length."""

    train: list[Example]
    curves: dict[str, list[Example]]
    too_long: int


def read_rows(dataset: Path) -> Rows:
    """Training and validation rows of a dataset artifact. WorkerFailure `data` when there is nothing to train."""
    train = load_rows(dataset, "train")
    if not train:
        raise WorkerFailure(
            "data", "NoTrainingRows", 'the dataset has no training rows: raise "split.train" or add documents to it'
        )
    validation = load_rows(dataset, "validation")
    curves = {name: [row for row in validation if row.probe == name] for name in CURVES}
    return Rows(train, {name: rows for name, rows in curves.items() if rows})


def encode_rows(tokenizer: "PreTrainedTokenizerBase", rows: Rows, max_length: int) -> Examples:
    """Examples of a run, their masks checked. WorkerFailure `data` when no row is short enough."""
    train = build_examples(tokenizer, rows.train, max_length)
    if not train:
        shortest = min(len(to_example(tokenizer, row).ids) for row in rows.train)
        raise WorkerFailure(
            "data",
            "RowsTooLong",
            f"all rows have more than {max_length} tokens: raise training.maxLength to {shortest} or more",
        )
    check_masks(train)
    curves = {
        name: build_examples(tokenizer, evenly(rows.curves[name], MAX_CURVE_ROWS), max_length) for name in rows.curves
    }
    return Examples(
        train, {name: examples for name, examples in curves.items() if examples}, len(rows.train) - len(train)
    )


def evenly(rows: list[Row], number: int) -> list[Row]:
    """At most `number` rows, spread over all, since neighbours come from one document."""
    if len(rows) <= number:
        return rows
    return [rows[index * len(rows) // number] for index in range(number)]
