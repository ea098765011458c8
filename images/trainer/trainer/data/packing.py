"""Several rows in one: no padding between them, and none of them sees another.

Positions begin anew at each row. transformers takes that, without an attention mask, as the sign to keep rows apart by
a block-diagonal mask; whether the model at hand does so is tried before it is relied on.
"""

import logging
from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedModel

log = logging.getLogger("trainer")

# what rounding may change of a logit, as a share of the largest one
TOLERANCE = {"float32": 1e-4}
TOLERANCE_OF_HALF = 2e-2
PROBE_LENGTHS = (7, 5)


def best_fit(lengths: Sequence[int], rows: Iterable[int], capacity: int) -> list[list[int]]:
    """The rows in packs of at most `capacity` tokens: the longest first, each into the fullest pack that has room."""
    packs: list[list[int]] = []
    rooms: list[tuple[int, int]] = []
    for row in sorted(rows, key=lambda row: (-lengths[row], row)):
        fullest = bisect_left(rooms, (lengths[row], -1))
        room, pack = rooms.pop(fullest) if fullest < len(rooms) else (capacity, len(packs))
        if pack == len(packs):
            packs.append([])
        packs[pack].append(row)
        insort(rooms, (room - lengths[row], pack))
    return packs


def keeps_rows_apart(model: "PreTrainedModel") -> bool:
    """Whether two rows in one give the logits that they give alone. A try of a dozen tokens."""
    import torch

    generator = torch.Generator().manual_seed(0)
    vocabulary = model.get_input_embeddings().weight.shape[0]
    rows = [torch.randint(vocabulary, (1, length), generator=generator).to(model.device) for length in PROBE_LENGTHS]
    positions = torch.cat([torch.arange(length) for length in PROBE_LENGTHS])[None].to(model.device)
    try:
        with torch.no_grad():
            alone = torch.cat([model(input_ids=row, use_cache=False).logits for row in rows], dim=1)
            packed = model(input_ids=torch.cat(rows, dim=1), position_ids=positions, use_cache=False).logits
    except (TypeError, ValueError, RuntimeError) as error:
        log.warning("the base model takes no packed rows", extra={"error": str(error)[:400]})
        return False
    tolerance = TOLERANCE.get(str(packed.dtype).removeprefix("torch."), TOLERANCE_OF_HALF)
    return bool((packed - alone).abs().max() <= tolerance * alone.abs().max())
