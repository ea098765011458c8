"""The section of the report on code in answers: what parses, by model and language, and which names nobody knows."""

from typing import Any

from evaluator.code import PARSERS, CodeOutputs, fences
from evaluator.markdown import markdown_table
from evaluator.report import Part
from evaluator.table import Answers
from evaluator.terms import invented_counts

METRIC = "codeParses"
COLUMNS = [
    "split",
    "setting",
    "model",
    "answers",
    "with code",
    "with code that is checked",
    "all of it parses",
    "blocks that parse",
    "blocks not checked",
    "names in code",
    "unknown",
]


def code_part(groups: list[Answers], known: frozenset[str]) -> Part:
    rows = [_row(group, model, known) for group in groups for model in group.by_model]
    return Part("code", {"results": rows}, _section(rows))


def _row(group: Answers, model: str, known: frozenset[str]) -> dict[str, Any]:
    outputs = [sample.output or "" for sample in group.of(model)]
    found = CodeOutputs.of(outputs)
    prompts = [" ".join(message["content"] for message in item.messages[:-1]) for item in group.items]
    code = ["\n".join(f"```\n{text}\n```" for _, text in fences(output)) for output in outputs]
    named = invented_counts(code, prompts, known)
    return {
        "split": group.split,
        "setting": group.setting,
        "model": model,
        "answers": found.answers,
        "withCode": found.with_code,
        "checkable": found.checkable,
        "right": found.right,
        "blocks": {name: [found.parsed[name], count] for name, count in sorted(found.blocks.items())},
        "unchecked": dict(sorted(found.unchecked.items())),
        "names": sum(count for _, count in named),
        "unknownNames": sum(unknown for unknown, _ in named),
    }


def _section(rows: list[dict[str, Any]]) -> str:
    cells = [
        [
            *(str(row[name]) for name in ("split", "setting", "model", "answers", "withCode", "checkable", "right")),
            _listed(f"{name} {parsed} of {count}" for name, (parsed, count) in row["blocks"].items()),
            _listed(f"{name} {count}" for name, count in row["unchecked"].items()),
            str(row["names"]),
            str(row["unknownNames"]),
        ]
        for row in rows
    ]
    return (
        f"## Code in the answers\n\nFenced blocks of {_listed(PARSERS)} are parsed, and nothing is run; those of other"
        f" languages are not checked. `{METRIC}` compares the questions that both models answered with code"
        " that is checked. Names are unknown where neither the question nor any row of the dataset has them.\n\n"
        + markdown_table(COLUMNS, cells)
    )


def _listed(entries: Any) -> str:
    return ", ".join(entries) or "none"
