"""The report artifact: report.md for people, report.json for programs, samples.jsonl for doubters.

It holds no time and no duration, so the same inputs on the same machine give the same digest.
"""

import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from evaluator.candidates import BASE, TUNED, Lineup
from evaluator.code import blocks_of
from evaluator.compare import finite
from evaluator.items import Item
from evaluator.markdown import render_markdown
from evaluator.outputs import Outputs
from evaluator.samples import Sample
from evaluator.scores import bleu_statistics, chrf_statistics, corpus_bleu, corpus_chrf, signatures
from evaluator.significance import ALPHA
from evaluator.table import Answers, TableRow
from worker.store import Artifact, publish, staging


@dataclass(frozen=True)
class Part:
    """What a further measurement adds: an entry of report.json, a section of report.md, and files beside them."""

    name: str
    report: dict[str, Any]
    markdown: str
    files: Mapping[str, str | bytes] = field(default_factory=dict)


LIBRARIES = ("torch", "transformers", "peft", "tokenizers", "sacrebleu", "rouge-score", "scipy", "statsmodels", "numpy")
FIGURE_DIGITS = 8


def library_versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


@dataclass(frozen=True)
class Findings:
    """`apart` are figures of questions that stand in the trained rows; `outputs` is empty if none was written;
    `partial` says what was not measured, and is empty where all was.
    """

    table: list[TableRow]
    apart: list[TableRow]
    outputs: list[Outputs]
    parts: list[Part] = field(default_factory=list)
    notes: list[dict[str, str]] = field(default_factory=list)
    partial: str = ""

    def table_of(self, candidate: str) -> list[TableRow]:
        return [row for row in self.table if row.candidate == candidate]


def publish_report(value: dict[str, Any], lineup: Lineup, groups: list[Answers], findings: Findings) -> Artifact:
    """Write and publish the report on the input `value`."""
    report = describe(value, lineup, groups, findings)
    folder = staging()
    lines = [sample_line(group, row) for group in groups for row in range(len(group.items))]
    (folder / "samples.jsonl").write_text("".join(json.dumps(x, ensure_ascii=False) + "\n" for x in lines), "utf-8")
    (folder / "report.json").write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", "utf-8")
    sections = [part.markdown for part in findings.parts]
    (folder / "report.md").write_text(render_markdown(report, groups, sections), "utf-8")
    for part in findings.parts:
        for name, content in part.files.items():
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return publish(folder, "reports")


def describe(value: dict[str, Any], lineup: Lineup, groups: list[Answers], findings: Findings) -> dict[str, Any]:
    """The content of report.json."""
    subject = lineup.subject
    items = [item for group in groups for item in group.items]
    return {
        "version": 1,
        "run": value["run"],
        "dataset": value["dataset"],
        "adapter": value["adapter"],
        "baseModel": {"name": subject.base.name, "revision": subject.base.revision, "note": subject.base.note},
        "baseline": lineup.baseline,
        "candidates": [
            {"name": each.name, "digest": each.conditions["model"], "template": each.conditions["template"]}
            for each in lineup.contestants
        ],
        "partial": findings.partial or None,
        "notes": findings.notes,
        "settings": value["settings"],
        "decoding": {"method": "greedy", "dtype": str(subject.model.dtype), "device": subject.model.device.type},
        "draw": {"maxSamples": value["maxSamples"], "seed": value["seed"]},
        "interval": {"method": "paired bootstrap, percentile", "resamples": value["bootstrapSamples"], "level": 0.95},
        "signatures": signatures(
            [item.language for item in items], [len(item.references) for item in items], value["metrics"]
        ),
        "correction": {"method": "Holm", "level": ALPHA, "figures": len(findings.table)},
        "results": [row.as_report(FIGURE_DIGITS) for row in findings.table],
        "contaminated": [row.as_report(FIGURE_DIGITS) for row in findings.apart],
        "outputs": [row.as_report() for row in findings.outputs],
        **{part.name: part.report for part in findings.parts},
        "libraries": library_versions(),
    }


def sample_line(group: Answers, row: int) -> dict[str, Any]:
    """One item with what all models said; scores are those of the single sentence, for reading, not for averaging."""
    item = group.items[row]
    said = {model: answer(item, samples[row]) for model, samples in group.by_model.items()}
    return {
        "id": item.id,
        "split": group.split,
        "setting": group.setting,
        "prompt": item.messages[:-1],
        "reference": item.reference,
        **({"references": list(item.references)} if item.further else {}),
        BASE: said.pop(BASE),
        TUNED: said.pop(TUNED),
        **({"candidates": said} if said else {}),
    }


def answer(item: Item, sample: Sample) -> dict[str, Any]:
    """One model's answer, with `null` for what was not asked for, and for a loss that is not finite."""
    scores: dict[str, Any] = {"bleu": None, "chrf": None}
    if sample.output is not None:
        bleu = corpus_bleu(bleu_statistics([sample.output], [item.references], [item.language]))
        chrf = corpus_chrf(chrf_statistics([sample.output], [item.references]))
        scores = {"bleu": round(float(bleu[0]), 4), "chrf": round(float(chrf[0]), 4)}
    code = [block.as_report() for block in blocks_of(sample.output or "")]
    return {
        "output": sample.output,
        "hasEnded": sample.hasEnded,
        **scores,
        **({"code": code} if code else {}),
        "loss": None if sample.loss is None else finite(sample.loss),
        "answerTokens": sample.answerTokens,
    }
