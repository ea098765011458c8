"""Rows about the documents and general ones, mixed by the tokens that are trained.

training.domainWeight is the probability that a trained token belongs to a row about the documents. An epoch is one
pass over the rows about the documents; as many general rows are drawn beside them as the weight asks for, all of them
in turn before one comes again. The draw is a pure function of rows, weight and seed, so a resumed run takes the same.
"""

import random
from collections.abc import Iterator, Sequence
from itertools import count
from typing import TYPE_CHECKING

from trainer.data.counts import DeviceSums
from worker.failure import WorkerFailure

if TYPE_CHECKING:
    from trainer.distributed.ranks import Ranks
    from trainer.optimization.loss import TokenLoss


class DomainLosses:
    """Loss of the rows about the documents and of general ones, over the batches since it was last told."""

    def __init__(self) -> None:
        self._sums = DeviceSums(4)

    def add(self, loss: "TokenLoss") -> None:
        total, tokens = (part.double() for part in loss.general)
        self._sums.add(loss.total.detach().double() - total, loss.tokens - tokens, total, tokens)

    def take(self, ranks: "Ranks") -> dict[str, float]:
        """`loss_documents` and `loss_general` over all processes, of which one without tokens is absent."""
        total = ranks.sum(self._sums.read())
        self._sums.clear()
        sums = {"loss_documents": total[:2], "loss_general": total[2:]}
        return {name: total / tokens for name, (total, tokens) in sums.items() if tokens}


def check_domains(is_general: Sequence[bool], weight: float | None) -> None:
    """WorkerFailure `data` when the rows cannot be mixed by the weight, since one kind is missing."""
    if weight is None:
        return
    if all(is_general):
        raise WorkerFailure(
            "data", "NoDocumentRows", "all rows are general: leave training.domainWeight out, or use another dataset"
        )
    if weight < 1 and not any(is_general):
        raise WorkerFailure(
            "data",
            "NoGeneralRows",
            "training.domainWeight needs general rows, and the dataset has none: give it a spec.mixture, or leave "
            "training.domainWeight out",
        )


def mixed_epochs(
    trained: Sequence[int], is_general: Sequence[bool], weight: float | None, seed: int | str
) -> Iterator[list[int]]:
    """The rows of each epoch, shuffled, without end. `trained` are the trained tokens of each row.

    Without a weight each row comes once an epoch.
    """
    documents = [row for row, general in enumerate(is_general) if weight is None or not general]
    general = general_rows([row for row, is_one in enumerate(is_general) if is_one], seed)
    wanted = 0.0 if weight is None else sum(trained[row] for row in documents) * (1 - weight) / weight
    owed = 0.0
    for epoch in count():
        rows = list(documents)
        owed += wanted
        while owed > 0:
            row = next(general)
            owed -= trained[row]
            rows.append(row)
        random.Random(f"{seed}:{epoch}").shuffle(rows)
        yield rows


def general_rows(rows: list[int], seed: int | str) -> Iterator[int]:
    """The general rows without end, each pass in another order."""
    for turn in count():
        random.Random(f"{seed}:general:{turn}").shuffle(order := list(rows))
        yield from order
