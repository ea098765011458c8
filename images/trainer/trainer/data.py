"""The rows and examples of a run."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.examples import Example, build_examples, check_masks, to_example
from worker.failure import WorkerFailure
from worker.rows import Row, load_rows

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

log = logging.getLogger("trainer")

CURVES = ("recall", "unseen")


@dataclass(frozen=True)
class Rows:
    """`curves` maps "recall" and "unseen" to validation rows; a curve without rows is absent."""

    train: list[Row]
    curves: dict[str, list[Row]]


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


def encode_training_rows(tokenizer: "PreTrainedTokenizerBase", rows: Rows, max_length: int) -> list[Example]:
    """Examples to train, their masks checked. WorkerFailure `data` when no row is short enough."""
    examples = build_examples(tokenizer, rows.train, max_length)
    if not examples:
        shortest = min(len(to_example(tokenizer, row).ids) for row in rows.train)
        raise WorkerFailure(
            "data",
            "RowsTooLong",
            f"all rows have more than {max_length} tokens: raise training.maxLength to {shortest} or more",
        )
    check_masks(examples)
    left_out = len(rows.train) - len(examples)
    if left_out:
        log.warning("rows exceed training.maxLength and are left out", extra={"rows": left_out})
    return examples


def encode_curves(
    tokenizer: "PreTrainedTokenizerBase", rows: Rows, max_length: int, number: int
) -> dict[str, list[Example]]:
    """Examples of each validation curve, of at most `number` rows; a curve without any is absent."""
    curves = {name: build_examples(tokenizer, evenly(curve, number), max_length) for name, curve in rows.curves.items()}
    return {name: examples for name, examples in curves.items() if examples}


def evenly(rows: list[Row], number: int) -> list[Row]:
    """At most `number` rows, spread over all, since neighbours come from one document."""
    if len(rows) <= number:
        return rows
    return [rows[index * len(rows) // number] for index in range(number)]
