"""Which rows make up which batch, planned for the whole run.

The plan is a pure function of the rows' lengths and the seed. A resumed run therefore needs no more than the number of
steps done to go on with the very next batch.
"""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count, islice

from trainer.data.examples import Example
from trainer.data.mixture import Weights, mixed_epochs
from trainer.data.packing import best_fit

# rows of about one length are drawn from so many batches at once: little padding, and still a good shuffle
BATCHES_A_BUCKET = 16
# rows that are packed together: enough to fit well, and packs still change from epoch to epoch
ROWS_A_PACKING = 4096

# rows that go into one line of the batch: one, or several that are packed
Line = tuple[int, ...]


@dataclass(frozen=True)
class Draw:
    """What decides the batches of a run. `lengths` and `trained` are tokens a row, `capacity` those of a pack.

    `capacity` is None where rows are not packed, `is_text` empty where no running text is beside the rows.
    """

    lengths: Sequence[int]
    trained: Sequence[int]
    is_general: Sequence[bool]
    batch_size: int
    seed: int | str
    weights: Weights = Weights()
    capacity: int | None = None
    is_text: Sequence[bool] = ()


def draw_of(examples: list[Example], batch_size: int, seed: int | str, weights: Weights, capacity: int | None) -> Draw:
    return Draw(
        lengths=[len(example.ids) for example in examples],
        trained=[sum(example.is_trained) for example in examples],
        is_general=[example.is_general for example in examples],
        batch_size=batch_size,
        seed=seed,
        weights=weights,
        capacity=capacity,
        is_text=[example.is_text for example in examples],
    )


class Lines:
    """The examples by the lines of a plan, as a loader asks for them, or by the number of a single one."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self._examples = examples

    def __len__(self) -> int:
        return len(self._examples)

    def __getitem__(self, line: Line | int) -> tuple[Example, ...]:
        return tuple(self._examples[row] for row in ((line,) if isinstance(line, int) else line))


def plan_batches(draw: Draw, number: int) -> list[list[Line]]:
    """The first `number` batches."""
    return list(islice(chain.from_iterable(epochs(draw)), number))


def plan_course(draws: Sequence[Draw], first_rows: Sequence[int], numbers: Sequence[int]) -> list[list[Line]]:
    """The batches of all stages, `numbers` of each; its rows begin at that of `first_rows`."""
    return [
        [tuple(first + row for row in line) for line in batch]
        for draw, first, number in zip(draws, first_rows, numbers, strict=True)
        for batch in plan_batches(draw, number)
    ]


def batches_of(draw: Draw, number: float) -> int:
    """Batches in so many epochs, rounded up."""
    whole, rest = divmod(number, 1)
    counts = [len(batches) for batches in islice(epochs(draw), int(whole) + (rest > 0))]
    return sum(counts[: int(whole)]) + (math.ceil(rest * counts[-1]) if rest else 0)


def epochs(draw: Draw) -> Iterator[list[list[Line]]]:
    """The batches of each epoch, without end; lines of a batch have about the same length."""
    is_text = draw.is_text or [False] * len(draw.lengths)
    rows = mixed_epochs(draw.trained, draw.is_general, is_text, draw.weights, draw.seed)
    for epoch, order in zip(count(), rows, strict=False):
        generator = random.Random(f"{draw.seed}:batches:{epoch}")
        batches = _bucketed(draw, order) if draw.capacity is None else _packed(draw, order, generator)
        generator.shuffle(batches)
        yield batches


def _bucketed(draw: Draw, order: list[int]) -> list[list[Line]]:
    size = draw.batch_size
    buckets = (sorted(rows, key=draw.lengths.__getitem__) for rows in _parts(order, size * BATCHES_A_BUCKET))
    return [[(row,) for row in rows] for bucket in buckets for rows in _parts(bucket, size)]


def _packed(draw: Draw, order: list[int], generator: random.Random) -> list[list[Line]]:
    packs = [
        tuple(pack) for rows in _parts(order, ROWS_A_PACKING) for pack in best_fit(draw.lengths, rows, draw.capacity)
    ]
    generator.shuffle(packs)
    return list(_parts(packs, draw.batch_size))


def _parts(items: list, size: int) -> Iterator[list]:
    return (items[start : start + size] for start in range(0, len(items), size))
