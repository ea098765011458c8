"""Which rows of a step each process takes.

A step is planned as one batch for all processes. How it falls into processes and batches is decided here and only
here, so the same rows make up a step however many processes there are.
"""

from collections.abc import Sequence

from trainer.data.examples import Example
from trainer.distributed.ranks import Ranks

# takes the place of rows that a process has none of
NOTHING = -1


def shard(rows: Sequence[int], batches: int, ranks: Ranks) -> list[list[int]]:
    """The `batches` batches of this process from the rows of a step; a batch without any row is `[NOTHING]`.

    Neighbours have about the same length: they are in one batch, and at the same time in the batches of all processes.
    """
    parts = batches * ranks.world_size
    bounds = [len(rows) * part // parts for part in range(parts + 1)]
    mine = range(ranks.rank, parts, ranks.world_size)
    return [list(rows[bounds[part] : bounds[part + 1]]) or [NOTHING] for part in mine]


class WithNothing(Sequence[Example]):
    """Examples, and under NOTHING one that trains nothing: a process without rows must compute all the same."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self._examples = examples

    def __len__(self) -> int:
        return len(self._examples)

    def __getitem__(self, index: int) -> Example:
        if index == NOTHING:
            ids = self._examples[0].ids[:2]
            return Example("", ids, [False] * len(ids))
        return self._examples[index]
