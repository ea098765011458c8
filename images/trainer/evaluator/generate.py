"""Greedy answers of a batch.

Not `generate` of transformers: that goes on computing every row until the last one ends, and on a CPU the time of a
step grows with the rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluator.prompts import pad_left, positions_of

if TYPE_CHECKING:
    from transformers import PreTrainedModel


@dataclass(frozen=True)
class Continuation:
    """Token ids without the end of turn; `has_ended` is False for one that was cut at its maximum."""

    ids: list[int]
    has_ended: bool


class Interrupted(Exception):
    """The caller asked to stop; nothing of the batch counts."""


def generate(
    model: "PreTrainedModel",
    prompts: list[list[int]],
    ends: list[int],
    maximum: int,
    pad: int,
    is_stopped: Callable[[], bool],
) -> list[Continuation]:
    """At most `maximum` tokens for each prompt, up to one of `ends`. Raises Interrupted once `is_stopped`."""
    import torch
    from transformers import DynamicCache

    ids, mask = pad_left(prompts, pad, model.device)
    position = positions_of(mask)
    cache = DynamicCache(config=model.config)
    written: list[list[int]] = [[] for _ in prompts]
    ended = [False] * len(prompts)
    rows = list(range(len(prompts)))
    with torch.inference_mode():
        for _ in range(maximum):
            if is_stopped():
                raise Interrupted
            logits = model(
                input_ids=ids, attention_mask=mask, position_ids=position, past_key_values=cache, logits_to_keep=1
            ).logits
            chosen = logits[:, -1].argmax(dim=-1)
            kept = []
            for place, (row, token) in enumerate(zip(rows, chosen.tolist(), strict=True)):
                if token in ends:
                    ended[row] = True
                else:
                    written[row].append(token)
                    kept.append(place)
            if not kept:
                break
            if len(kept) < len(rows):
                selected = torch.tensor(kept, device=model.device)
                cache.batch_select_indices(selected)
                chosen, mask, position = chosen[selected], mask[selected], position[selected]
                rows = [rows[place] for place in kept]
            ids = chosen[:, None]
            mask = torch.cat([mask, mask.new_ones(len(rows), 1)], dim=1)
            position = position[:, -1:] + 1
    return [Continuation(tokens, is_end) for tokens, is_end in zip(written, ended, strict=True)]
