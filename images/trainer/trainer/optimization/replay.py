"""General rows beside those of the dataset, on which the model is held to what it said before: so it forgets less.

Their answers are not learnt. What counts is how far the probabilities of the tuned model are from those of the base
model, which is the same model without its adapter.
"""

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from trainer.data.batches import IGNORED
from trainer.data.examples import Example
from trainer.data.general_rows import general_chats
from trainer.methods.names import PROMPT_TUNING, WHOLE
from worker.chat import encode_chat
from worker.failure import WorkerFailure

if TYPE_CHECKING:
    import torch
    from peft import PeftModel
    from transformers import PreTrainedTokenizerBase

    from trainer.distributed.ranks import Ranks
    from trainer.settings import Settings

log = logging.getLogger("trainer")

# longer ones cost more than they hold
MOST_TOKENS = 160


def check_replay(share: float, method: str, is_sharded: bool) -> None:
    """WorkerFailure `config` where the base model cannot be asked beside the tuned one."""
    if not share:
        return
    if method in WHOLE or method == PROMPT_TUNING:
        raise WorkerFailure(
            "config",
            "UnfitReplay",
            f'training.replay asks the base model beside the tuned one, of which method "{method}" keeps no copy: '
            'use "LoRA" or "QLoRA", or leave it out',
        )
    if is_sharded:
        raise WorkerFailure(
            "config",
            "UnfitReplay",
            "training.replay needs the whole model in each process, which is sharded here: leave it out, or set "
            'distributed.strategy to "DDP"',
        )


def general_examples(tokenizer: "PreTrainedTokenizerBase", share: float, max_length: int, seed: int) -> list[Example]:
    """Examples of general rows, shuffled by `seed`; none where no share of them is wanted."""
    if share == 0:
        return []
    encoded = (encode_chat(tokenizer, chat) for chat in general_chats(seed))
    examples = (Example("general", chat.ids, chat.is_answer) for chat in encoded)
    chosen = [example for example in examples if len(example.ids) <= min(MOST_TOKENS, max_length)]
    if not chosen:
        log.warning("training.maxLength leaves no general row: training.replay does nothing")
    return chosen


class Replay:
    """Which general rows stand beside which batch: a pure function of its number, so that a resumed run goes on."""

    def __init__(
        self, general: Sequence[Example], settings: "Settings", ranks: "Ranks", collate: Callable[[Sequence], dict]
    ) -> None:
        self.general = general
        self.rows_a_batch = settings.batch_size * settings.replay
        self.accumulation = settings.accumulation
        self.ranks = ranks
        self.collate = collate

    def rows(self, number: int) -> list[Example]:
        """Rows beside batch `number` (from 0, over the whole run) of this process, in turn."""
        turn = number * self.ranks.world_size + self.ranks.rank
        start, end = int(turn * self.rows_a_batch), int((turn + 1) * self.rows_a_batch)
        return [self.general[index % len(self.general)] for index in range(start, end)]

    def divergence(self, model: "PeftModel", number: int) -> "torch.Tensor":
        """What batch `number` adds to the loss of its step: the mean over the tokens of its general rows, in nats."""
        import torch

        rows = self.rows(number)
        if not rows:
            return torch.zeros((), device=model.device)
        batch = {name: tensor.to(model.device) for name, tensor in self.collate(rows).items()}
        return divergence(model, batch) / self.accumulation


def divergence(model: "PeftModel", batch: dict[str, "torch.Tensor"]) -> "torch.Tensor":
    """Kullback-Leibler divergence of the tuned model from the base model, in nats, the mean over the answer tokens.

    `batch` has `input_ids` and `labels` of shape (rows, length), padded on the right. A scalar with gradient.
    """
    import torch
    from torch.nn.functional import kl_div

    with torch.no_grad(), model.disable_adapter():
        before = _log_probabilities(model, batch)
    return kl_div(_log_probabilities(model, batch), before, reduction="batchmean", log_target=True)


def _log_probabilities(model: "PeftModel", batch: dict[str, "torch.Tensor"]) -> "torch.Tensor":
    """Of every token of the vocabulary at each answer position, of shape (answer tokens, vocabulary)."""
    from trainer.optimization.head import logits

    is_answer = batch["labels"][:, 1:] != IGNORED
    positions = is_answer.any(dim=0).nonzero().squeeze(1)
    given = {"input_ids": batch["input_ids"], "use_cache": False}
    return logits(model, given, positions, is_answer[:, positions]).float().log_softmax(dim=-1)
