"""The report for people."""

import re
from typing import Any

from evaluator.table import Answers

SHOWN = 5
QUESTIONS = {
    "recall": "asks for trained facts in other words: has the model learned these documents?",
    "test": "asks about documents that were not trained: what did the training cost or bring elsewhere?",
}


def render_markdown(report: dict[str, Any], groups: list[Answers]) -> str:
    """report.md from the content of report.json and the samples."""
    sections = [
        f"# Evaluation of {report['run']['namespace']}/{report['run']['name']}",
        _reading(report),
        _table(report["results"]),
        _outputs(report["outputs"]),
        *[_examples(group) for group in groups],
        _provenance(report),
    ]
    return "\n\n".join(sections) + "\n"


def _reading(report: dict[str, Any]) -> str:
    splits = dict.fromkeys(row["split"] for row in report["results"])
    lines = [f"- `{split}` {QUESTIONS[split]}" for split in splits]
    text = (
        "Each split answers a question of its own, so they stand side by side and are never averaged:\n\n"
        + "\n".join(lines)
        + "\n\nBoth models were given the same prompts in the same order and decoded greedily; they differ in the"
        " adapter alone. A verdict is `Better` or `Worse` only where the 95 % interval of the difference leaves 0 out."
        " BLEU and chrF run from 0 to 100, higher is better; perplexity counts the tokens of the reference answers"
        " alone, lower is better, and its difference is relative to the base."
    )
    note = report["baseModel"]["note"]
    return f"{text}\n\nNote on the base model: {note}." if note else text


def _table(results: list[dict[str, Any]]) -> str:
    rows = [
        [
            row["split"],
            row["setting"],
            row["metric"],
            _figure(row["base"]),
            _figure(row["tuned"]),
            _difference(row["metric"], row["delta"]),
            " to ".join(_difference(row["metric"], value) for value in row["ci95"]) if row["ci95"] else "none",
            str(row["samples"]),
            row["verdict"],
        ]
        for row in results
    ]
    columns = ["split", "setting", "metric", "base", "tuned", "difference", "95 % interval", "samples", "verdict"]
    return "## Results\n\n" + _markdown_table(columns, rows)


def _outputs(outputs: list[dict[str, Any]]) -> str:
    names = ["split", "setting", "model", "samples", "empty", "unended", "promptsCut"]
    columns = ["split", "setting", "model", "samples", "empty", "cut at maxNewTokens", "prompts cut at maxInputTokens"]
    return "## Degenerate answers\n\n" + _markdown_table(
        columns, [[str(row[name]) for name in names] for row in outputs]
    )


def _examples(group: Answers) -> str:
    shown = min(SHOWN, len(group.items))
    parts = [f"## Samples: {group.split}, setting {group.setting}\n\nThe first {shown} of {len(group.items)}."]
    for item, base, tuned in list(zip(group.items, group.base, group.tuned, strict=True))[:shown]:
        question = "\n".join(f"{message['role']}: {message['content']}" for message in item.messages[:-1])
        for title, text in (
            ("Prompt", question),
            ("Reference", item.reference),
            ("Base", base.output),
            ("Tuned", tuned.output),
        ):
            if text is not None:
                parts.append(f"**{title}**\n\n{_fenced(text)}")
        parts.append("---")
    return "\n\n".join(parts)


def _provenance(report: dict[str, Any]) -> str:
    rows = [
        ["dataset", report["dataset"]["digest"]],
        ["adapter", report["adapter"]["digest"]],
        ["base model", f"{report['baseModel']['name']} ({report['baseModel']['revision']})"],
        ["decoding", ", ".join(f"{name} {value}" for name, value in report["decoding"].items())],
        ["interval", f"{report['interval']['method']}, {report['interval']['resamples']} resamples"],
        ["seed", str(report["draw"]["seed"])],
        *[[name, signature.replace("|", " ")] for name, signature in report["signatures"].items()],
        *[[name, number] for name, number in report["libraries"].items()],
    ]
    return "## How it was measured\n\n" + _markdown_table(["what", "value"], rows)


def _markdown_table(columns: list[str], rows: list[list[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _figure(value: float | None) -> str:
    return "not finite" if value is None else f"{value:.2f}"


def _difference(metric: str, value: float | None) -> str:
    if value is None:
        return "not finite"
    return f"{100 * value:+.1f} %" if metric == "perplexity" else f"{value:+.2f}"


def _fenced(text: str) -> str:
    """Text of a model or a document, which must not end its own fence."""
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"
