"""Rows about the documents, their running text and general rows, mixed by the tokens that are trained.

training.domainWeight is the probability that a trained token is about the documents, training.textWeight that such a
token belongs to their running text. An epoch is one pass over the rows about the documents; as much text and as many
general rows are drawn beside them as the weights ask for, all of a kind in turn before one comes again. The draw is a
pure function of rows, weights and seed, so a resumed run takes the same.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from trainer.data.counts import DeviceSums
from worker.failure import WorkerFailure

if TYPE_CHECKING:
    from trainer.distributed.ranks import Ranks
    from trainer.optimization.loss import TokenLoss


@dataclass(frozen=True)
class Weights:
    """Shares of the trained tokens: of `documents` in all, None where each row comes once; of `text` in these."""

    documents: float | None = None
    text: float = 0.0


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
            f"training.domainWeight (of the spec or its preset) is {weight:g} and needs general rows, and the dataset "
            "has none: give the Dataset a spec.mixture, or set training.domainWeight to 1",
        )


def mixed_epochs(
    trained: Sequence[int],
    is_general: Sequence[bool],
    is_text: Sequence[bool],
    weights: "Weights",
    seed: int | str,
) -> Iterator[list[int]]:
    """The rows of each epoch, shuffled, without end. `trained` are the trained tokens of each row.

    Without a weight of the documents each general row comes once an epoch.
    """
    places = range(len(trained))
    text = [row for row in places if is_text[row]]
    general = [row for row in places if is_general[row]]
    documents = [row for row in places if not is_text[row] and not is_general[row]]
    tokens = sum(trained[row] for row in documents)
    tokens_of_text = tokens * weights.text / (1 - weights.text) if text else 0.0
    parts = [Beside(text, tokens_of_text, trained, f"{seed}:text")]
    if weights.documents is None:
        documents = [row for row in places if not is_text[row]]
    else:
        tokens_of_general = (tokens + tokens_of_text) * (1 - weights.documents) / weights.documents
        parts.append(Beside(general, tokens_of_general, trained, f"{seed}:general"))
    for epoch in count():
        rows = documents + [row for part in parts for row in part.draw()]
        random.Random(f"{seed}:{epoch}").shuffle(rows)
        yield rows


class Beside:
    """Rows that are drawn beside others, `tokens` of them an epoch on average."""

    def __init__(self, rows: list[int], tokens: float, trained: Sequence[int], seed: str) -> None:
        self._rows, self._tokens, self._trained = in_turn(rows, seed), tokens, trained
        self._owed = 0.0

    def draw(self) -> list[int]:
        """Those of the next epoch. What is too much comes off the epoch after."""
        drawn = []
        self._owed += self._tokens
        while self._owed > 0:
            drawn.append(next(self._rows))
            self._owed -= self._trained[drawn[-1]]
        return drawn


def in_turn(rows: list[int], seed: str) -> Iterator[int]:
    """The rows without end, each pass in another order."""
    for turn in count():
        random.Random(f"{seed}:{turn}").shuffle(order := list(rows))
        yield from order
