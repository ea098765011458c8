"""The text of documents as examples: every token is trained, and none is marked as question or answer."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.data.examples import Example
from worker.contract import problem
from worker.failure import WorkerFailure

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

FILE = "text.jsonl"
REMEDY = 'let the Dataset generate it again, leave the stage of type "Pretrain" out, and set training.textWeight to 0'


@dataclass(frozen=True)
class Passage:
    """The text of a chunk, with its place in the document `source`."""

    id: str
    source: str
    start: int
    end: int
    text: str


def load_passages(dataset: Path, is_needed: bool = True) -> list[Passage]:
    """The text of a dataset that may be trained. WorkerFailure `data` when there is none and it is needed."""
    path = dataset / FILE
    lines = path.read_text("utf-8").split("\n") if path.is_file() else []
    passages = [_passage(line, number) for number, line in enumerate(lines, 1) if line.strip()]
    if not passages and is_needed:
        raise WorkerFailure("data", "NoText", f'the dataset has no text of documents in "{FILE}": {REMEDY}')
    return passages


def _passage(line: str, number: int) -> Passage:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise WorkerFailure(
            "data", "InvalidRow", f'"{FILE}" line {number} of the dataset is no JSON: {error}: {REMEDY}'
        ) from error
    complaint = problem("passage", value)
    if complaint:
        raise WorkerFailure("data", "InvalidRow", f'"{FILE}" line {number} of the dataset: {complaint}: {REMEDY}')
    source = f"{value['source']}/{value['path']}"
    return Passage(value["id"], source, value["start"], value["end"], value["text"])


def encode_text(tokenizer: "PreTrainedTokenizerBase", passages: Iterable[Passage], max_length: int) -> list[Example]:
    """Windows of at most `max_length` tokens over the text, which together foretell each token once."""
    examples = [
        example for run in runs(passages) for example in _windows(run[0].id, _encode(tokenizer, run), max_length)
    ]
    if not examples:
        raise WorkerFailure("data", "NoText", f'the text of documents in "{FILE}" is empty: {REMEDY}')
    return examples


def runs(passages: Iterable[Passage]) -> Iterator[list[Passage]]:
    """Passages that follow each other in one document, which were one text before it was cut into chunks."""
    known = list(passages)
    current = known[:1]
    for before, passage in pairwise(known):
        if (before.source, before.end) != (passage.source, passage.start):
            yield current
            current = []
        current.append(passage)
    if current:
        yield current


def _encode(tokenizer: "PreTrainedTokenizerBase", run: list[Passage]) -> list[int]:
    # a document about chat templates must not begin a turn
    text = "".join(passage.text for passage in run)
    ids = tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]
    first = [] if tokenizer.bos_token_id is None else [tokenizer.bos_token_id]
    return [*first, *ids, tokenizer.eos_token_id]


def _windows(name: str, ids: list[int], max_length: int) -> list[Example]:
    # the last token of a window is read again by the next one, which foretells what comes after it
    cut = [ids[start : start + max_length] for start in range(0, len(ids) - 1, max_length - 1)]
    return [Example(f"{name}#{number}", part, [False] + [True] * (len(part) - 1)) for number, part in enumerate(cut)]
