"""Questions whose words were trained: scored apart, since a model that was told the answer proves nothing.

A question of `test` is contaminated when a run of 13 words (20 signs in scripts without spaces) of its question or its
answer stands in a trained row. A question of `recall` asks a trained fact on purpose: there the question alone counts.
"""

import re
from collections.abc import Iterable, Iterator

from evaluator.items import Item
from worker.rows import Row

WORDS = 13
SIGNS = 20
CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
WORD = re.compile(r"\w+")


def contaminated(items: list[Item], trained: Iterable[Row]) -> set[tuple[str, str]]:
    """(split, id) of the items that share a long run of words with a trained row. Memory grows with the items alone."""
    places: dict[tuple[str, ...], set[tuple[str, str]]] = {}
    for item in items:
        for text in _watched(item):
            for run in runs(text):
                places.setdefault(run, set()).add(item.key)
    found: set[tuple[str, str]] = set()
    for row in trained:
        for message in row.messages:
            for run in runs(message["content"]):
                found |= places.get(run, set())
    return found


def _watched(item: Item) -> list[str]:
    questions = [message["content"] for message in item.messages[:-1] if message["role"] == "user"]
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
