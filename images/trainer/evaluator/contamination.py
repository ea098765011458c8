"""Questions whose words were trained: scored apart, since a model that was told the answer proves nothing.

A question of `test` is contaminated when a run of 13 words (20 signs in scripts without spaces) of its question or its
answer stands in a trained row. A question that is too short for such a run is compared as a whole with the trained
ones, as the worker for datasets does. A question of `recall` asks a trained fact on purpose: there the question alone
counts.
"""

import re
from collections.abc import Iterable, Iterator

from evaluator.items import Item
from worker.chat import Messages
from worker.rows import Row

WORDS = 13
SIGNS = 20
# a question with fewer is asked by chance
LEAST_WORDS, LEAST_SIGNS = 5, 8
CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
WORD = re.compile(r"\w+")


def contaminated(items: list[Item], trained: Iterable[Row]) -> set[tuple[str, str]]:
    """(split, id) of the items that share a long run of words with a trained row, or are a short question of one.
    Memory grows with the items alone.
    """
    places: dict[tuple[str, ...], set[tuple[str, str]]] = {}
    for item in items:
        for text in _watched(item):
            for run in runs(text):
                places.setdefault(run, set()).add(item.key)
    whole: dict[tuple[str, ...], set[tuple[str, str]]] = {}
    for item in items:
        if short := _short(_questions(item.messages[:-1])):
            whole.setdefault(short, set()).add(item.key)
    found: set[tuple[str, str]] = set()
    for row in trained:
        for message in row.messages:
            for run in runs(message["content"]):
                found |= places.get(run, set())
        if whole:
            questions = _questions(row.messages)
            # a conversation asks one question after the other
            for number in range(len(questions)):
                found |= whole.get(_short(questions[: number + 1]), set())
    return found


def _short(questions: list[str]) -> tuple[str, ...]:
    """What a conversation asks, as one, where no question of it has a long run; nothing where it could be chance."""
    if any(True for text in questions for _run in runs(text)):
        return ()
    text = "\n".join(questions).lower()
    units, _size = _units(text)
    return tuple(units) if len(units) >= (LEAST_SIGNS if CJK.search(text) else LEAST_WORDS) else ()


def _questions(messages: Messages) -> list[str]:
    return [message["content"] for message in messages if message["role"] == "user"]


def _watched(item: Item) -> list[str]:
    questions = _questions(item.messages[:-1])
    return questions if item.split == "recall" else [*questions, *item.references]


def runs(text: str) -> Iterator[tuple[str, ...]]:
    """All runs of 13 words of a text, in lower case and without punctuation; of 20 signs where it has no spaces."""
    units, size = _units(text.lower())
    for start in range(len(units) - size + 1):
        yield tuple(units[start : start + size])


def _units(text: str) -> tuple[list[str], int]:
    words = WORD.findall(text)
    if CJK.search(text):
        return [sign for word in words for sign in word], SIGNS
    return words, WORDS
