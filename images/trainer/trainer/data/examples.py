"""Rows as training examples: which tokens the loss counts, and the check that it counts the right ones."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.chat import encode_chat
from worker.failure import WorkerFailure
from worker.rows import Row

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

# a mask that leaves out less than this share of the tokens takes prompts for answers
MAX_TRAINED_SHARE = 0.95
PREVIEW_ROWS = 3
REMEDY = "correct it in the Dataset of datasetRef, or choose another training.chatTemplate"


@dataclass(frozen=True)
class Example:
    """Token ids of a row and, of the same length, whether the loss counts each.

    `is_text` marks running text of the documents that is read beside rows.
    """

    row: str
    ids: list[int]
    is_trained: list[bool]
    is_general: bool = False
    is_text: bool = False


def to_example(tokenizer: "PreTrainedTokenizerBase", row: Row) -> Example:
    encoded = encode_chat(tokenizer, row.messages)
    return Example(row.id, encoded.ids, encoded.is_answer, row.domain == "general")


def check_mask(example: Example) -> None:
    """WorkerFailure `data` when the example trains nothing, or its very first token."""
    if not any(example.is_trained):
        raise WorkerFailure(
            "data",
            "EmptyMask",
            f'row "{example.row}" has no trained token, its answer is empty or left out: {REMEDY}, or raise '
            "training.maxLength",
        )
    if example.is_trained[0]:
        raise WorkerFailure(
            "data",
            "UnfitMask",
            f'row "{example.row}" has no prompt, and the first token cannot be predicted: {REMEDY}',
        )


def check_share(examples: list[Example]) -> None:
    """WorkerFailure `data` when all but a few tokens are trained."""
    share = trained_share(examples)
    if share > MAX_TRAINED_SHARE:
        raise WorkerFailure(
            "data",
            "UnfitMask",
            f"{share:.1%} of all tokens are trained, more than {MAX_TRAINED_SHARE:.0%}: the prompts seem to be empty: "
            f"{REMEDY}",
        )


def trained_share(examples: list[Example]) -> float:
    """Share of the tokens that the loss counts, 0 to 1."""
    return sum(sum(example.is_trained) for example in examples) / sum(len(example.ids) for example in examples)


def render_mask_preview(tokenizer: "PreTrainedTokenizerBase", examples: list[Example]) -> str:
    """The first rows as text, the trained tokens between [trained] and [/trained], for a person to look at."""
    head = (
        f"{trained_share(examples):.1%} of the tokens of {len(examples)} rows are trained: those between the marks.\n"
    )
    return "\n".join([head, *(_preview(tokenizer, example) for example in examples[:PREVIEW_ROWS])])


def _preview(tokenizer: "PreTrainedTokenizerBase", example: Example) -> str:
    spans: list[tuple[bool, list[int]]] = []
    for token, is_trained in zip(example.ids, example.is_trained, strict=True):
        if not spans or spans[-1][0] != is_trained:
            spans.append((is_trained, []))
        spans[-1][1].append(token)
    texts = (
        f"[trained]{tokenizer.decode(ids)}[/trained]" if is_trained else tokenizer.decode(ids)
        for is_trained, ids in spans
    )
    return f"--- {example.row}\n{''.join(texts)}\n"
