"""Batches as tensors."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from trainer.data.examples import Example

if TYPE_CHECKING:
    import torch

IGNORED = -100


def batches_by_length(lengths: Sequence[int], batch_size: int) -> list[list[int]]:
    """All rows once, the longest first, so that memory runs out at once or never."""
    order = sorted(range(len(lengths)), key=lambda row: (-lengths[row], row))
    return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]


class Collator:
    """Pads on the right. Labels are set by position, never by token: the pad token may be the end-of-turn token."""

    def __init__(self, pad: int) -> None:
        self.pad = pad

    def __call__(self, rows: "Sequence[Example | tuple[Example, ...]]") -> dict[str, "torch.Tensor"]:
        """Tensors of shape (lines, longest line): `input_ids`, `attention_mask`, `labels`, `is_general` by token.

        A line is one row, or several that are packed; then there are `position_ids` too, which begin anew at each row.
        """
        import torch

        lines = [(row,) if isinstance(row, Example) else row for row in rows]
        longest = max(sum(len(row.ids) for row in line) for line in lines)

        def tensor(values: Callable[[Example], list], fill: object) -> torch.Tensor:
            filled = ([value for row in line for value in values(row)] for line in lines)
            return torch.tensor([line + [fill] * (longest - len(line)) for line in filled])

        batch = {
            "input_ids": tensor(lambda row: row.ids, self.pad),
            "attention_mask": tensor(lambda row: [1] * len(row.ids), 0),
            "labels": tensor(_labels, IGNORED),
            "is_general": tensor(lambda row: [row.is_general] * len(row.ids), False),
        }
        if any(len(line) > 1 for line in lines):
            batch["position_ids"] = torch.tensor([_positions(line, longest) for line in lines])
        return batch


def _labels(row: Example) -> list[int]:
    pairs = zip(row.ids[1:], row.is_trained[1:], strict=True)
    # nothing foretells the first token: before it is another row, or nothing
    return [IGNORED, *(token if is_trained else IGNORED for token, is_trained in pairs)]


def _positions(line: tuple[Example, ...], longest: int) -> list[int]:
    """Positions within each row; the padding is a row of its own."""
    lengths = [len(row.ids) for row in line]
    return [position for length in (*lengths, longest - sum(lengths)) for position in range(length)]
