"""What becomes of rows that are longer than training.maxLength. An answer is never cut without being told.

drop         the row is left out
trimHistory  the oldest turns go until the rest fits; the last question and its answer stay whole, or the row goes
split        the row is cut into windows that each train other tokens, with the tokens before them to read
"""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from trainer.data.examples import Example, check_mask, to_example
from worker.chat import Messages
from worker.failure import WorkerFailure
from worker.rows import Row

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

# a few odd rows among many are left out, more of them mean that rows and template do not fit
MAX_UNFIT_SHARE = 0.01
# tokens that a window of a split row repeats from the one before it, as a share of its length
CONTEXT_SHARE = 0.25


@dataclass
class Fitted:
    """Examples of at most maxLength tokens. The counts are rows; `shortest` is the least length of one left out."""

    examples: list[Example] = field(default_factory=list)
    dropped: int = 0
    trimmed: int = 0
    split: int = 0
    unfit: int = 0
    shortest: int = 0

    def counts(self) -> dict[str, int]:
        return {"tooLong": self.dropped, "trimmed": self.trimmed, "split": self.split, "unfit": self.unfit}


def fit_rows(tokenizer: "PreTrainedTokenizerBase", rows: list[Row], max_length: int, policy: str) -> Fitted:
    """Encode rows. The failure of the first one that cannot be trained on, if there are too many of them."""
    fitted = Fitted()
    failures: list[WorkerFailure] = []
    for row in rows:
        try:
            example = to_example(tokenizer, row)
            check_mask(example)
        except WorkerFailure as failure:
            failures.append(failure)
            continue
        if len(example.ids) <= max_length:
            fitted.examples.append(example)
        else:
            _shorten(tokenizer, row, example, max_length, policy, fitted)
    if len(failures) > MAX_UNFIT_SHARE * len(rows):
        raise failures[0]
    fitted.unfit = len(failures)
    return fitted


def _shorten(
    tokenizer: "PreTrainedTokenizerBase", row: Row, example: Example, max_length: int, policy: str, fitted: Fitted
) -> None:
    if policy == "split":
        fitted.examples += windows(example, max_length)
        fitted.split += 1
        return
    trimmed = trim_history(tokenizer, row, max_length) if policy == "trimHistory" else None
    if trimmed is not None:
        fitted.examples.append(trimmed)
        fitted.trimmed += 1
        return
    fitted.dropped += 1
    fitted.shortest = min(fitted.shortest or len(example.ids), len(example.ids))


def trim_history(tokenizer: "PreTrainedTokenizerBase", row: Row, max_length: int) -> Example | None:
    """The row without as many of its oldest turns as must go; None when its last turn alone is too long."""
    messages = without_oldest_turn(row.messages)
    while messages is not None:
        example = to_example(tokenizer, replace(row, messages=messages))
        if len(example.ids) <= max_length:
            return example
        messages = without_oldest_turn(messages)
    return None


def without_oldest_turn(messages: Messages) -> Messages | None:
    """All but the first question and what answers it; the system message stays. None if there is no other question."""
    start = 1 if messages[0]["role"] == "system" else 0
    later = (place for place in range(start + 1, len(messages) - 1) if messages[place]["role"] == "user")
    following = next(later, None)
    return None if following is None else [*messages[:start], *messages[following:]]


def windows(example: Example, max_length: int) -> list[Example]:
    """Windows of at most `max_length` tokens, which together train each trained token once."""
    context = int(max_length * CONTEXT_SHARE)
    cut: list[Example] = []
    start = 0
    while True:
        ids = example.ids[start : start + max_length]
        is_trained = example.is_trained[start : start + max_length]
        if start > 0:
            is_trained = [False] * context + is_trained[context:]
        if any(is_trained):
            cut.append(replace(example, ids=ids, is_trained=is_trained))
        if start + max_length >= len(example.ids):
            return cut
        start += max_length - context
