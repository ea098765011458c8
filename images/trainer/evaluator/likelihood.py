"""How probable a model finds the answers of the dataset."""

import math
from typing import TYPE_CHECKING

from evaluator.prompts import pad_left, positions_of

if TYPE_CHECKING:
    from transformers import PreTrainedModel

# numbers in the logits that are held at once: 512 MiB of fp32
MAX_LOGITS = 2**27


def answer_losses(model: "PreTrainedModel", rows: list[tuple[list[int], list[int]]], pad: int) -> list[float]:
    """Sum of the negative log likelihood in nats over the answer tokens of each (prompt, answer), end of turn included.

    Logits are computed for the answers alone: they are the largest thing in memory. Where they are not finite no answer
    is probable, and its sum is infinite.
    """
    losses: list[float] = []
    size = max(1, MAX_LOGITS // (model.config.vocab_size * (1 + max(len(answer) for _, answer in rows))))
    for start in range(0, len(rows), size):
        losses += _losses(model, rows[start : start + size], pad)
    return losses


def _losses(model: "PreTrainedModel", rows: list[tuple[list[int], list[int]]], pad: int) -> list[float]:
    import torch

    ids, mask = pad_left([prompt + answer for prompt, answer in rows], pad, model.device)
    longest = max(len(answer) for _, answer in rows)
    with torch.inference_mode():
        # rows end at the right edge, so the last columns hold every answer; each token is foretold one place before
        logits = (
            model(
                input_ids=ids,
                attention_mask=mask,
                position_ids=positions_of(mask),
                logits_to_keep=longest + 1,
                use_cache=False,
            )
            .logits[:, :-1]
            .float()
        )
        # not cross_entropy, which makes a second tensor of this size and takes four times as long
        told = logits.gather(2, ids[:, -longest:, None])[..., 0]
        losses = (logits.logsumexp(dim=-1) - told).double()
    sums = [losses[row, longest - len(answer) :].sum().item() for row, (_, answer) in enumerate(rows)]
    return [each if math.isfinite(each) else math.inf for each in sums]
