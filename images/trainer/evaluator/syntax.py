"""Whether code keeps to the grammar of its language, by tree-sitter; for languages that Python has no parser for.

These grammars are made for editors: they know pieces of a file, such as an `await` outside of any function, and take a
little that an engine refuses later, such as a name that is declared twice.
"""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

# module and function of each grammar; that of JavaScript knows JSX
GRAMMARS = {
    "javascript": ("tree_sitter_javascript", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
}
SHOWN = 40


def check_syntax(language: str, text: str) -> None:
    """ValueError with the first place that the grammar of `language` has no rule for."""
    found = first_trouble(_parser(language).parse(text.encode()).root_node)
    if found is None:
        return
    line = found.start_point[0] + 1
    if found.is_missing:
        raise ValueError(f"line {line}: {found.type} is missing")
    said = (found.text or b"").decode(errors="replace").strip()
    raise ValueError(f"line {line}: unexpected {said[:SHOWN]}")


def first_trouble(root: "Node") -> "Node | None":
    """The first node that is an error or had to be made up; without recursion, as code may be nested deeply."""
    node = root
    while node.has_error and not (node.is_error or node.is_missing):
        inner = next((child for child in node.children if child.has_error or child.is_missing), None)
        if inner is None:
            return node
        node = inner
    return node if node.is_error or node.is_missing else None


@cache
def _parser(language: str) -> "Parser":
    from tree_sitter import Language, Parser

    module, function = GRAMMARS[language]
    return Parser(Language(getattr(import_module(module), function)()))
