"""The largest batch of a run before its first step, so that memory runs out now or never."""

from copy import deepcopy
from typing import TYPE_CHECKING

from trainer.checkpoints.randomness import generator_states, set_generator_states

if TYPE_CHECKING:
    from trainer.optimization.loop import AnswerTrainer


def rehearse(trainer: "AnswerTrainer") -> None:
    """Run the largest batch forwards and backwards. What was counted and drawn meanwhile is taken back."""
    lines = trainer.train_dataset
    largest = max(
        trainer.batches,
        key=lambda batch: len(batch) * max(sum(len(row.ids) for row in lines[line]) for line in batch),
    )
    before = generator_states()
    counts, domains = deepcopy(trainer.counts), deepcopy(trainer.domains)
    trainer.is_rehearsing = True
    trainer.training_step(trainer.model_wrapped, trainer.data_collator([lines[line] for line in largest]), 1)
    trainer.is_rehearsing = False
    trainer.model.zero_grad()
    trainer.counts, trainer.domains = counts, domains
    set_generator_states(before)
