"""What a run trains on from its first step to its last: the examples of all stages, and the batches made of them."""

import logging
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from trainer.data.examples import Example, render_mask_preview
from trainer.data.mixture import Weights, check_domains
from trainer.data.packing import keeps_rows_apart
from trainer.data.plan import Draw, draw_of
from trainer.data.rows import Rows, encode_training_rows
from trainer.data.text import encode_text
from trainer.data.truncation import Fitted
from trainer.methods.names import PROMPT_TUNING
from trainer.settings import rows_a_step
from trainer.stages import PRETRAIN, Asked, asked_stages

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

log = logging.getLogger("trainer")

# what is read of the documents themselves where nothing else is asked for: docs/learning-benchmark.md
TEXT_WEIGHT = 0.15
# tokens; shorter windows have too little before most of their tokens to foretell them
LEAST_WINDOW = 32


@dataclass(frozen=True)
class Course:
    """`examples` of all stages; stage number i draws from those that begin at `first_rows[i]` by `draws[i]`.

    `fitted` are the examples of the last stage, with what became of rows that are too long.
    """

    examples: list[Example]
    first_rows: tuple[int, ...]
    draws: tuple[Draw, ...]
    fitted: Fitted

    def preview(self, tokenizer: "PreTrainedTokenizerBase") -> str:
        """The first rows of what each stage trains on, with the trained tokens marked."""
        parts = {first: len(draw.lengths) for first, draw in zip(self.first_rows, self.draws, strict=True)}
        shown = (self.examples[first : first + number] for first, number in parts.items())
        return "\n".join(render_mask_preview(tokenizer, examples) for examples in shown)


def make_course(value: dict[str, Any], tokenizer: "PreTrainedTokenizerBase", rows: Rows, world_size: int) -> Course:
    """Encode the rows of each stage, those of equal stages once. Needs no weights.

    WorkerFailure `data` for rows that do not fit.
    """
    training, stages = value["training"], asked_stages(value)
    examples: list[Example] = []
    parts: dict[tuple[str, int], Part] = {}
    text_weight = text_weight_of(value, rows)
    draws: list[Draw] = []
    for number, stage in enumerate(stages):
        key = (stage.type, stage.max_length)
        if key not in parts:
            fitted = _encode(tokenizer, rows, stage, training["truncation"])
            beside = text_beside(tokenizer, rows, fitted, stage) if text_weight and stage.type != PRETRAIN else []
            parts[key] = Part(len(examples), fitted, beside)
            examples += parts[key].examples
        own = parts[key].examples
        check_domains([example.is_general for example in parts[key].fitted.examples], stage.domain_weight)
        weights = Weights(stage.domain_weight, text_weight)
        capacity = stage.max_length if training["packing"] else None
        a_step = rows_a_step(training, world_size)
        draws.append(draw_of(own, a_step, seed_of(training["seed"], number), weights, capacity))
    first_rows = tuple(parts[stage.type, stage.max_length].first for stage in stages)
    return Course(examples, first_rows, tuple(draws), parts[stages[-1].type, stages[-1].max_length].fitted)


@dataclass(frozen=True)
class Part:
    """What stages of one kind and length draw from: rows, and text beside them; `first` is its place in the course."""

    first: int
    fitted: Fitted
    beside: list[Example]

    @property
    def examples(self) -> list[Example]:
        return [*self.fitted.examples, *self.beside]


def text_weight_of(value: dict[str, Any], rows: Rows) -> float:
    """training.textWeight, by default that of datasets that have the text of their documents."""
    asked = value["training"]["textWeight"]
    return asked if asked is not None else TEXT_WEIGHT if rows.text else 0.0


def text_beside(tokenizer: "PreTrainedTokenizerBase", rows: Rows, fitted: Fitted, stage: Asked) -> list[Example]:
    """The text of the documents in windows about as long as a row, so that a batch of both has little padding."""
    lengths = [len(example.ids) for example in fitted.examples]
    window = min(stage.max_length, max(LEAST_WINDOW, math.ceil(sum(lengths) / len(lengths))))
    return [replace(example, is_text=True) for example in encode_text(tokenizer, rows.text, window)]


def _encode(tokenizer: "PreTrainedTokenizerBase", rows: Rows, stage: Asked, truncation: str) -> Fitted:
    if stage.type == PRETRAIN:
        return Fitted(encode_text(tokenizer, rows.text, stage.max_length))
    return encode_training_rows(tokenizer, rows, stage.max_length, truncation)


def seed_of(seed: int, stage: int) -> int | str:
    """A stage that has the rows of the one before it takes them in another order."""
    return f"{seed}:{stage}" if stage else seed


def without_unfit_packs(course: Course, training: dict[str, Any], method: str, model: "PreTrainedModel") -> Course:
    """Packs only where the model and the method keep packed rows apart, which is tried with the weights."""
    # one row alone can have trained vectors in front
    if not training["packing"] or (method != PROMPT_TUNING and keeps_rows_apart(model)):
        return course
    log.warning("the base model or the method mixes packed rows up: rows of about one length are padded instead")
    return replace(course, draws=tuple(replace(draw, capacity=None) for draw in course.draws))
