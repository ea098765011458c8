"""Names and figures that an answer cannot be right without, and names that no document knows.

A term is what the documents of a library are asked for: a name of code, or a number. It is found by its form alone, so
that nobody chooses terms to suit a result: what stands between backticks or in a fence, words with an inner capital,
an underscore or a dot, and numbers.
"""

import re
from collections.abc import Iterable, Sequence

CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
# ASCII: Chinese stands beside a name or a number without a space
NAME = re.compile(r"[A-Za-z_$][\w$]*", re.ASCII)
# nodeName, node_name, node.name, NODE_NAME, but neither "Node" nor "node" nor the end of a sentence
MARKED = re.compile(
    r"\b(?:[a-z]+[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*|\w*[A-Za-z0-9]_\w+|[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+)",
    re.ASCII,
)
NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)*(?![\w])", re.ASCII)
# shorter ones are variables
LEAST_LENGTH = 3


def terms(text: str) -> frozenset[str]:
    """Names of code and numbers in a text; names in the case that they are written in."""
    return names(text) | frozenset(NUMBER.findall(text))


def names(text: str) -> frozenset[str]:
    """Names of code in a text, the parts of dotted ones by themselves."""
    marked = [*CODE.findall(text), *MARKED.findall(CODE.sub(" ", text))]
    found = (name for part in marked for name in NAME.findall(part))
    return frozenset(name for name in found if len(name) >= LEAST_LENGTH)


def term_counts(outputs: Sequence[str], references: Sequence[str]) -> list[tuple[int, int]]:
    """For each item (terms of the reference that the answer has, terms of the reference)."""
    counted = []
    for output, reference in zip(outputs, references, strict=True):
        asked = terms(reference)
        counted.append((len(asked & _said(output)), len(asked)))
    return counted


def _said(output: str) -> frozenset[str]:
    # an answer may name a thing without backticks
    return frozenset(NAME.findall(output)) | frozenset(NUMBER.findall(output))


def known_names(texts: Iterable[str]) -> frozenset[str]:
    """Every word of the documents that could be a name, whatever its form there."""
    known: set[str] = set()
    for text in texts:
        known.update(NAME.findall(text))
    return frozenset(known)


def invented_counts(outputs: Sequence[str], prompts: Sequence[str], known: frozenset[str]) -> list[tuple[int, int]]:
    """For each item (names of code in the answer that neither the documents nor the prompt know, names in it)."""
    counted = []
    for output, prompt in zip(outputs, prompts, strict=True):
        used = names(output)
        counted.append((len(used - known - frozenset(NAME.findall(prompt))), len(used)))
    return counted
