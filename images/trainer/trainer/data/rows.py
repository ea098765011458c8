"""The rows and examples of a run."""

import logging
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.data.examples import Example, check_share
from trainer.data.text import Passage, load_passages
from trainer.data.truncation import Fitted, fit_rows
from worker.failure import WorkerFailure
from worker.rows import Row, load_rows

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

log = logging.getLogger("trainer")

CURVES = ("recall", "unseen", "general")


@dataclass(frozen=True)
class Rows:
    """`curves` maps "recall", "unseen" and "general" to validation rows; a curve without rows is absent.

    `text` are the documents themselves, where a stage trains on them.
    """

    train: list[Row]
    curves: dict[str, list[Row]]
    text: tuple[Passage, ...] = ()


def read_rows(dataset: Path, takes_text: bool = False, needs_text: bool = False) -> Rows:
    """Training and validation rows of a dataset artifact, and the text of its documents where that is taken.

    WorkerFailure `data` when there is nothing to train, or no text that is needed.
    """
    train = load_rows(dataset, "train")
    if not train:
        raise WorkerFailure(
            "data", "NoTrainingRows", 'the dataset has no training rows: raise "split.train" or add documents to it'
        )
    validation = load_rows(dataset, "validation")
    curves = {name: [row for row in validation if _curve(row) == name] for name in CURVES}
    text = tuple(load_passages(dataset, needs_text)) if takes_text else ()
    return Rows(train, {name: rows for name, rows in curves.items() if rows}, text)


def _curve(row: Row) -> str | None:
    return "general" if row.domain == "general" else row.probe


def encode_training_rows(
    tokenizer: "PreTrainedTokenizerBase", rows: Rows, max_length: int, truncation: str = "drop"
) -> Fitted:
    """Examples to train, their masks checked. WorkerFailure `data` when no row is short enough."""
    fitted = fit_rows(tokenizer, rows.train, max_length, truncation)
    if not fitted.examples:
        raise WorkerFailure(
            "data",
            "RowsTooLong",
            f"all rows have more than {max_length} tokens: raise training.maxLength to {fitted.shortest} or more, or "
            'set training.truncation to "split"',
        )
    check_share(fitted.examples)
    counts = {name: count for name, count in fitted.counts().items() if count}
    if counts:
        log.warning("not all rows are trained as they are", extra=counts)
    return fitted


def encode_curves(
    tokenizer: "PreTrainedTokenizerBase", rows: Rows, max_length: int, truncation: str, number: int = sys.maxsize
) -> dict[str, list[Example]]:
    """Examples of each validation curve, of at most `number` rows; a curve without any is absent."""
    curves = {
        name: fit_rows(tokenizer, evenly(curve, number), max_length, truncation).examples
        for name, curve in rows.curves.items()
    }
    return {name: examples for name, examples in curves.items() if examples}


def evenly(rows: list[Row], number: int) -> list[Row]:
    """At most `number` rows, spread over all, since neighbours come from one document."""
    if len(rows) <= number:
        return rows
    return [rows[index * len(rows) // number] for index in range(number)]
