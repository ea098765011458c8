"""The report artifact: report.md for people, report.json for programs, samples.jsonl for doubters.

It holds no time and no duration, so the same inputs on the same machine give the same digest.
"""

import json
import platform
from importlib.metadata import version
from typing import Any

from evaluator.items import Item
from evaluator.markdown import render_markdown
from evaluator.samples import Sample
from evaluator.scores import bleu_statistics, chrf_statistics, corpus_bleu, corpus_chrf, signatures
from evaluator.subject import MODELS, Subject
from evaluator.table import Answers, TableRow
from worker.store import Artifact, publish, staging

LIBRARIES = ("torch", "transformers", "peft", "tokenizers", "sacrebleu", "scipy", "numpy")
FIGURE_DIGITS = 8


def library_versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


def publish_report(value: dict[str, Any], subject: Subject, groups: list[Answers], table: list[TableRow]) -> Artifact:
    """Write and publish the report on the input `value`."""
    report = describe(value, subject, groups, table)
    folder = staging()
    lines = [sample_line(group, row) for group in groups for row in range(len(group.items))]
    (folder / "samples.jsonl").write_text("".join(json.dumps(x, ensure_ascii=False) + "\n" for x in lines), "utf-8")
    (folder / "report.json").write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", "utf-8")
    (folder / "report.md").write_text(render_markdown(report, groups), "utf-8")
    return publish(folder, "reports")


def describe(value: dict[str, Any], subject: Subject, groups: list[Answers], table: list[TableRow]) -> dict[str, Any]:
    """The content of report.json."""
    return {
        "version": 1,
        "run": value["run"],
        "dataset": value["dataset"],
        "adapter": value["adapter"],
        "baseModel": {"name": subject.base.name, "revision": subject.base.revision, "note": subject.base.note},
        "settings": value["settings"],
        "decoding": {"method": "greedy", "dtype": str(subject.model.dtype), "device": subject.model.device.type},
        "draw": {"maxSamples": value["maxSamples"], "seed": value["seed"]},
        "interval": {"method": "paired bootstrap, percentile", "resamples": value["bootstrapSamples"], "level": 0.95},
        "signatures": signatures([item.language for group in groups for item in group.items]),
        "results": [row.as_result(FIGURE_DIGITS) for row in table],
        "outputs": [count_outputs(group, model) for group in groups for model in MODELS],
        "libraries": library_versions(),
    }


def count_outputs(group: Answers, model: str) -> dict[str, Any]:
    """How many answers are no answers: empty, or still going on when they were cut at maxNewTokens."""
    samples = group.of(model)
    return {
        "split": group.split,
        "setting": group.setting,
        "model": model,
        "samples": len(samples),
        "empty": sum(sample.output == "" for sample in samples),
        "unended": sum(not sample.hasEnded for sample in samples),
        "promptsCut": sum(sample.isPromptCut for sample in samples),
    }


def sample_line(group: Answers, row: int) -> dict[str, Any]:
    """One item with what both models said; scores are those of the single sentence, for reading, not for averaging."""
    item = group.items[row]
    return {
        "id": item.id,
        "split": group.split,
        "setting": group.setting,
        "prompt": item.messages[:-1],
        "reference": item.reference,
        "base": answer(item, group.base[row]),
        "tuned": answer(item, group.tuned[row]),
    }


def answer(item: Item, sample: Sample) -> dict[str, Any]:
    """One model's answer, with `null` for what was not asked for."""
    scores: dict[str, Any] = {"bleu": None, "chrf": None}
    if sample.output is not None:
        bleu = corpus_bleu(bleu_statistics([sample.output], [item.reference], [item.language]))
        chrf = corpus_chrf(chrf_statistics([sample.output], [item.reference]))
        scores = {"bleu": round(float(bleu[0]), 4), "chrf": round(float(chrf[0]), 4)}
    return {
        "output": sample.output,
        "hasEnded": sample.hasEnded,
        **scores,
        "loss": sample.loss,
        "answerTokens": sample.answerTokens,
    }
