"""The code of answers: which of its blocks parse. Nothing is run, imported or looked up.

Parsed is what Python itself and the libraries of the image can parse. A block of another language, or of none, is
counted as not checked: it is neither right nor wrong.
"""

import ast
import doctest
import json
import re
import textwrap
import tomllib
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn

import yaml
from markdown_it import MarkdownIt

from evaluator.syntax import GRAMMARS, check_syntax

# the first word behind the fence: "python", "{.python}", "py title=a"
LANGUAGE = re.compile(r"[A-Za-z0-9+#_-]+")
UNNAMED = "unnamed"
NAMES = {
    **{"py": "python", "python3": "python", "yml": "yaml", "ndjson": "jsonl"},
    **dict.fromkeys(("js", "jsx", "mjs", "cjs"), "javascript"),
    **dict.fromkeys(("ts", "mts", "cts"), "typescript"),
}
MAX_ERROR = 120


@dataclass(frozen=True)
class Block:
    """A fenced block of an answer; `error` says why it does not parse, None for one that does or is not checked."""

    language: str
    text: str
    is_checked: bool
    error: str | None

    @property
    def parses(self) -> bool:
        return self.is_checked and self.error is None

    def as_report(self) -> dict[str, Any]:
        """For samples.jsonl."""
        return {"language": self.language, "parses": self.parses if self.is_checked else None, "error": self.error}


def blocks_of(answer: str) -> list[Block]:
    """The fenced blocks; one that an answer leaves open reaches to its end, where code is mostly cut off."""
    return [_checked(*found) for found in fences(answer)]


def fences(answer: str) -> list[tuple[str, str]]:
    """Language and text of the fenced blocks, those in lists and quotes too."""
    tokens = MarkdownIt().parse(answer)
    return [(_language(token.info), token.content) for token in tokens if token.type == "fence"]


def _language(info: str) -> str:
    found = LANGUAGE.search(info)
    name = found.group().lower() if found else UNNAMED
    return NAMES.get(name, name)


def _checked(language: str, text: str) -> Block:
    parse = PARSERS.get(language)
    if parse is None:
        return Block(language, text, False, None)
    try:
        with warnings.catch_warnings():
            # of escapes that Python will refuse one day
            warnings.simplefilter("ignore")
            parse(text)
    # what is nested too deeply ends by the last two
    except (ValueError, SyntaxError, yaml.YAMLError, RecursionError, MemoryError) as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())
        return Block(language, text, True, said[:MAX_ERROR])
    return Block(language, text, True, None)


def _parse_python(text: str) -> None:
    code = textwrap.dedent(text)
    if code.lstrip().startswith(">>>"):
        # a session shows what is printed as well
        code = "".join(example.source for example in doctest.DocTestParser().get_examples(code))
    ast.parse(code)


def _parse_json(text: str) -> None:
    json.loads(text, parse_constant=_refuse)


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _parse_json_lines(text: str) -> None:
    for line in text.splitlines():
        if line.strip():
            _parse_json(line)


def _parse_yaml(text: str) -> None:
    # composed, not constructed: aliases stay aliases, and tags call nothing
    for node in yaml.compose_all(text, Loader=yaml.SafeLoader):
        if isinstance(node, yaml.ScalarNode):
            raise ValueError("a sentence is no configuration: neither a mapping nor a list")


PARSERS: dict[str, Callable[[str], object]] = {
    "python": _parse_python,
    "json": _parse_json,
    "jsonl": _parse_json_lines,
    "yaml": _parse_yaml,
    "toml": tomllib.loads,
    **{name: partial(check_syntax, name) for name in GRAMMARS},
}


def code_counts(outputs: Sequence[str]) -> list[tuple[int, int]]:
    """For each answer (1 if all its checkable code parses, 1 if it has any)."""
    counted = []
    for output in outputs:
        checked = [block for block in blocks_of(output) if block.is_checked]
        counted.append((int(bool(checked) and all(block.parses for block in checked)), int(bool(checked))))
    return counted


@dataclass(frozen=True)
class CodeOutputs:
    """What code the answers of one model have: blocks by language, in all and of those that parse."""

    answers: int
    with_code: int
    checkable: int
    right: int
    blocks: Counter[str]
    parsed: Counter[str]
    unchecked: Counter[str]

    @staticmethod
    def of(outputs: Sequence[str]) -> "CodeOutputs":
        found = [blocks_of(output) for output in outputs]
        every = [block for blocks in found for block in blocks]
        counts = code_counts(outputs)
        return CodeOutputs(
            answers=len(outputs),
            with_code=sum(map(bool, found)),
            checkable=sum(has for _, has in counts),
            right=sum(parses for parses, _ in counts),
            blocks=Counter(block.language for block in every if block.is_checked),
            parsed=Counter(block.language for block in every if block.parses),
            unchecked=Counter(block.language for block in every if not block.is_checked),
        )
