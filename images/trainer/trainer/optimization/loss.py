"""The loss over answer tokens, without logits where no answer is."""

import math
from dataclasses import dataclass

import torch

from trainer.data.batches import IGNORED
from trainer.methods.prompt_tuning import virtual_tokens
from trainer.optimization.head import say


@dataclass(frozen=True)
class TokenLoss:
    """Sum of the negative log-likelihood (a scalar with gradient, in nats) and the number of tokens in it.

    `hits` is the number of tokens that the model would have said itself, counted only without gradients. `general` is
    the part of rows that are not about the documents, as (sum, tokens), without gradient and left on the device; None
    where no row is told apart.
    """

    total: torch.Tensor
    tokens: int
    hits: int = 0
    general: tuple[torch.Tensor, torch.Tensor] | None = None


def answer_loss(model: torch.nn.Module, batch: dict[str, torch.Tensor], skip_known: float | None = None) -> TokenLoss:
    """Loss of `labels` given `input_ids`, both of shape (rows, length) and padded on the right.

    No attention mask is given: padding on the right is in the future of all tokens, which a causal model cannot see,
    and attention without a mask takes the faster kernel.

    Logits take rows x length x vocabulary numbers, more than all else where a vocabulary is large, so they are made of
    positions alone that have an answer token next, and of many of these in parts (`head.py`).

    Tokens to which the model gives a probability of `skip_known` or more count in the sum and have no gradient: what
    they would still change, greedy answers do not show, and everything else that the model says moves with it.
    """
    targets = batch["labels"][:, 1:]
    positions = (targets != IGNORED).any(dim=0).nonzero().squeeze(1)
    given = {"input_ids": batch["input_ids"], "use_cache": False}
    if "position_ids" in batch:
        given["position_ids"] = batch["position_ids"]
    is_answer = targets[:, positions] != IGNORED
    # of a prompt-tuned model they come after its own
    said = say(model, given, positions + virtual_tokens(model), is_answer, targets[:, positions][is_answer])
    losses = said.losses
    if skip_known is not None:
        known = losses.detach()
        losses = torch.where(known <= -math.log(skip_known), known, losses)
    hits = 0 if said.is_hit is None else int(said.is_hit.sum())
    return TokenLoss(losses.sum(), int(is_answer.sum()), hits, _general(losses, batch, positions, is_answer))


def _general(
    losses: torch.Tensor, batch: dict, positions: torch.Tensor, is_answer: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor] | None:
    """Sum and number of the losses of general rows, whose tokens `is_general` of shape (rows, length) marks."""
    if "is_general" not in batch:
        return None
    is_general = batch["is_general"][:, 1:][:, positions][is_answer]
    return torch.where(is_general, losses.detach(), 0.0).sum(), is_general.sum()


def share_of_step(total: torch.Tensor, tokens_of_step: int, replicas: int = 1) -> torch.Tensor:
    """What a batch adds to the loss of its step: each token of the step weighs the same, in whatever batch it lies.

    `tokens_of_step` are those of all batches on all `replicas`, whose gradients are averaged afterwards.
    """
    return total * replicas / tokens_of_step
