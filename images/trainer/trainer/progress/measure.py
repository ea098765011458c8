"""The loss on validation rows, by curve and over all."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from trainer.data.batches import batches_by_length
from trainer.data.examples import Example
from trainer.distributed.ranks import Ranks
from trainer.distributed.shard import WithNothing, shard
from trainer.optimization.loss import TokenLoss

if TYPE_CHECKING:
    from trainer.optimization.loop import AnswerTrainer


@dataclass(frozen=True)
class Sums:
    """Sum of losses (nats), number of tokens and of those that were foreseen, over some rows."""

    total: float = 0.0
    tokens: int = 0
    hits: int = 0

    def plus(self, loss: TokenLoss) -> "Sums":
        return Sums(self.total + loss.total.item(), self.tokens + loss.tokens, self.hits + loss.hits)

    def over(self, ranks: Ranks) -> "Sums":
        """Those of all processes together."""
        total, tokens, hits = ranks.sum([self.total, self.tokens, self.hits])
        return Sums(total, int(tokens), int(hits))


def summarise(sums: dict[str, Sums]) -> dict[str, float]:
    """Metrics of an evaluation from the sums of each curve."""
    curves = {f"eval_{name}_loss": each.total / each.tokens for name, each in sums.items()}
    tokens = sum(each.tokens for each in sums.values())
    mean = sum(each.total for each in sums.values()) / tokens
    accuracy = sum(each.hits for each in sums.values()) / tokens
    # beyond this the number says no more than "very bad", and exp would overflow
    perplexity = math.exp(min(mean, 100.0))
    return {**curves, "eval_loss": mean, "eval_token_accuracy": accuracy, "perplexity": perplexity}


def measure(
    trainer: "AnswerTrainer", curves: dict[str, list[Example]], loss_of: Callable[..., TokenLoss]
) -> dict[str, float]:
    """Loss per curve over its tokens, loss and token accuracy over all; empty when SIGTERM came in between."""
    trainer.model.eval()
    ranks = trainer.ranks
    sums = {name: Sums() for name in curves}
    for name, examples in curves.items():
        lengths = [len(example.ids) for example in examples]
        for rows in batches_by_length(lengths, trainer.settings.batch_size * ranks.world_size):
            if ranks.any(trainer.termination.is_requested):
                return {}
            trainer.stall.beat()
            own = shard(rows, 1, ranks)[0]
            batch = trainer._prepare_inputs(trainer.data_collator([WithNothing(examples)[row] for row in own]))
            with torch.no_grad():
                sums[name] = sums[name].plus(loss_of(trainer.model, batch))
    return summarise({name: each.over(ranks) for name, each in sums.items()})
