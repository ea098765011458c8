"""The report for people."""

import re
from collections.abc import Sequence
from typing import Any

from evaluator.table import Answers

SHOWN = 5
QUESTIONS = {
    "recall": "asks for trained facts in other words: has the model learned these documents?",
    "test": "asks about documents that were not trained: what did the training cost or bring elsewhere?",
    "general": "asks what has nothing to do with the documents: what is still there of what the base could do?",
}
COLUMNS = [
    "model",
    "split",
    "setting",
    "metric",
    "baseline",
    "candidate",
    "difference",
    "95 % interval",
    "samples",
    "p",
    "detectable",
    "better / worse / same",
    "verdict",
]
OUTPUT_COLUMNS = {
    "split": "split",
    "setting": "setting",
    "model": "model",
    "samples": "samples",
    "degenerate": "degenerate",
    "empty": "empty",
    "repetitive": "repetitive",
    "garbage": "garbage",
    "wrongLanguage": "wrong language",
    "templateLeak": "marks of the template",
    "unended": "cut at maxNewTokens",
    "promptsCut": "prompts cut at maxInputTokens",
}
RELATIVE = {"perplexity", "bitsPerByte"}


def render_markdown(report: dict[str, Any], groups: list[Answers], parts: Sequence[str] = ()) -> str:
    """report.md from the content of report.json, the sections of further measurements, and the samples."""
    sections = [
        f"# Evaluation of {report['run']['namespace']}/{report['run']['name']}",
        *([f"**This report is partial**: {report['partial']}."] if report["partial"] else []),
        _reading(report),
        "## Results\n\n" + figures_table(report["results"]),
        *_apart(report["contaminated"]),
        *_outputs(report["outputs"]),
        *parts,
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
        + "\n\nAll models were given the same prompts in the same order and decoded greedily; base and tuned differ in"
        f" the adapter alone. The baseline is `{report['baseline']}`. A verdict is `Better` or `Worse` only where the"
        " 95 % interval of the difference leaves 0 out and its p, corrected by Holm for all figures of the table, is"
        " below 0.05. `detectable` is the smallest true"
        " difference that so many questions show four times of five: where it is large, `Inconclusive` says little."
        " Perplexity and bits per byte count the reference answers alone, lower is better, and their difference is"
        " relative to the base; names that were made up (`inventedSymbols`) and answers that `maxNewTokens` cut off"
        " (`unended`) are better when they are few; all else runs from 0 to 100, higher is better."
    )
    text += "".join(f"\n\n{note['reason']}: {note['message']}." for note in report["notes"])
    note = report["baseModel"]["note"]
    return f"{text}\n\nNote on the base model: {note}." if note else text


def figures_table(results: list[dict[str, Any]]) -> str:
    rows = [
        [
            row["candidate"],
            row["split"],
            row["setting"],
            row["metric"],
            *(_figure(row[name]) if row["samples"] else "none" for name in ("base", "tuned")),
            _difference(row["metric"], row["delta"]) if row["samples"] else "none",
            " to ".join(_difference(row["metric"], value) for value in row["ci95"]) if row["ci95"] else "none",
            str(row["samples"]),
            _p(row["pAdjusted"]),
            _difference(row["metric"], row["detectable"]).lstrip("+") if row["detectable"] is not None else "none",
            "{better} / {worse} / {same}".format(**row["wins"]),
            row["verdict"],
        ]
        for row in results
    ]
    return markdown_table(COLUMNS, rows)


def _apart(results: list[dict[str, Any]]) -> list[str]:
    if not results:
        return []
    text = "These questions share a long run of words with a trained row, so they prove nothing and stand apart.\n\n"
    return ["## Contaminated questions\n\n" + text + figures_table(results)]


def _outputs(outputs: list[dict[str, Any]]) -> list[str]:
    if not outputs:
        return []
    rows = [[str(row[name]) for name in OUTPUT_COLUMNS] for row in outputs]
    return ["## Degenerate answers\n\n" + markdown_table(list(OUTPUT_COLUMNS.values()), rows)]


def _examples(group: Answers) -> str:
    shown = min(SHOWN, len(group.items))
    parts = [f"## Samples: {group.split}, setting {group.setting}\n\nThe first {shown} of {len(group.items)}."]
    for place, item in enumerate(group.items[:shown]):
        question = "\n".join(f"{message['role']}: {message['content']}" for message in item.messages[:-1])
        for title, text in (
            ("Prompt", question),
            *(("Reference", reference) for reference in item.references),
            *((model.capitalize(), samples[place].output) for model, samples in group.by_model.items()),
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
    return "## How it was measured\n\n" + markdown_table(["what", "value"], rows)


def markdown_table(columns: list[str], rows: list[list[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _figure(value: float | None) -> str:
    return "not finite" if value is None else f"{value:.2f}"


def _p(value: float | None) -> str:
    if value is None:
        return "none"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _difference(metric: str, value: float | None) -> str:
    if value is None:
        return "not finite"
    return f"{100 * value:+.1f} %" if metric in RELATIVE else f"{value:+.2f}"


def _fenced(text: str) -> str:
    """Text of a model or a document, which must not end its own fence."""
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"
