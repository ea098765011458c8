"""Which rows make up which batch, planned for the whole run, and their tensors.

The plan is a pure function of lengths and seed. A resumed run therefore needs no more than the number of steps done to
go on with the very next batch.
"""

import random
from collections.abc import Iterator, Sequence
from itertools import chain, count, islice
from typing import TYPE_CHECKING

from trainer.examples import Example

if TYPE_CHECKING:
    import torch

IGNORED = -100
# rows of about one length are drawn from so many batches at once: little padding, and still a good shuffle
BATCHES_A_BUCKET = 16


def plan_batches(lengths: Sequence[int], batch_size: int, number: int, seed: int) -> list[list[int]]:
    """`number` batches of row indices. Each epoch has every row once; rows of a batch have about the same length."""
    epochs = (_epoch(lengths, batch_size, random.Random(f"{seed}:{epoch}")) for epoch in count())
    return list(islice(chain.from_iterable(epochs), number))


def _epoch(lengths: Sequence[int], batch_size: int, generator: random.Random) -> Iterator[list[int]]:
    order = list(range(len(lengths)))
    generator.shuffle(order)
    bucket = batch_size * BATCHES_A_BUCKET
    buckets = (sorted(order[start : start + bucket], key=lengths.__getitem__) for start in range(0, len(order), bucket))
    batches = [rows[start : start + batch_size] for rows in buckets for start in range(0, len(rows), batch_size)]
    generator.shuffle(batches)
    return iter(batches)


def batches_by_length(lengths: Sequence[int], batch_size: int) -> list[list[int]]:
    """All rows once, the longest first, so that memory runs out at once or never."""
    order = sorted(range(len(lengths)), key=lambda row: (-lengths[row], row))
    return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]


class Collator:
    """Pads on the right. Labels are set by position, never by token: the pad token may be the end-of-turn token."""

    def __init__(self, pad: int) -> None:
        self.pad = pad

    def __call__(self, examples: list[Example]) -> dict[str, "torch.Tensor"]:
        """Tensors `input_ids`, `attention_mask` and `labels` of shape (rows, longest row)."""
        import torch

        longest = max(len(example.ids) for example in examples)

        def rows(values: Iterator[list[int]], fill: int) -> torch.Tensor:
            return torch.tensor([row + [fill] * (longest - len(row)) for row in values])

        return {
            "input_ids": rows((example.ids for example in examples), self.pad),
            "attention_mask": rows(([1] * len(example.ids) for example in examples), 0),
            "labels": rows((_labels(example) for example in examples), IGNORED),
        }


def _labels(example: Example) -> list[int]:
    pairs = zip(example.ids, example.is_trained, strict=True)
    return [token if is_trained else IGNORED for token, is_trained in pairs]
