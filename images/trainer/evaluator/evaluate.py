"""The evaluation from its input to its result."""

import logging
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from evaluator.items import load_items
from worker.failure import WorkerFailure
from worker.progress import Reporter
from worker.result import success
from worker.store import Artifact, run_folder, verified
from worker.termination import Termination

if TYPE_CHECKING:
    from evaluator.table import TableRow

log = logging.getLogger("evaluator")

# a message that Kubernetes would cut is worth less than one with rounder figures
DIGITS = (6, 4, 3)


def evaluate(value: dict[str, Any], reporter: Reporter, termination: Termination) -> dict[str, Any]:
    """Evaluate the input `value` and give the worker's result. Every input is checked before a model is loaded."""
    dataset = verified(value["dataset"], "dataset")
    adapter = verified(value["adapter"], "adapter")
    items = load_items(dataset, value["splits"], value["maxSamples"], value["seed"])
    # seconds of imports that a wrong input does not have to wait for
    from evaluator.measure import Work, measure
    from evaluator.prompts import Setting
    from evaluator.report import library_versions, publish_report
    from evaluator.samples import SampleFile
    from evaluator.subject import load_subject
    from evaluator.table import collect, render_table

    subject = load_subject(value["baseModel"], adapter)
    settings = [Setting(each["name"], each["maxInputTokens"], each["maxNewTokens"]) for each in value["settings"]]
    fingerprint = {key: value[key] for key in ("dataset", "adapter", "settings", "metrics")} | {
        "baseModelRevision": subject.base.revision,
        "device": subject.model.device.type,
        "libraries": library_versions(),
    }
    file = SampleFile(run_folder(value["run"]["id"]) / "samples.jsonl", fingerprint)
    log.info("measuring", extra={"items": len(items), "settings": len(settings), "samplesKept": len(file.samples)})
    started = time.monotonic()
    work = Work(
        is_generated=bool({"bleu", "chrf"} & set(value["metrics"])),
        is_scored="perplexity" in value["metrics"],
        batch_size=value["batchSize"],
    )
    measure(subject, items, settings, work, file, reporter, termination)
    log.info("measured", extra={"seconds": round(time.monotonic() - started, 1)})
    groups = collect(items, [setting.name for setting in settings], file.samples)
    table = render_table(groups, value["metrics"], value["bootstrapSamples"], value["seed"])
    report = publish_report(value, subject, groups, table)
    return shortest_result(table, report)


def shortest_result(table: "list[TableRow]", report: Artifact) -> dict[str, Any]:
    """The result with as many digits as fit; WorkerFailure `internal` when none do."""
    for digits in DIGITS:
        summary = {
            "results": [row.as_result(digits) for row in table],
            "report": {"uri": report["uri"], "digest": report["digest"]},
        }
        try:
            return success("evaluate-result", "Evaluated", sentence(table), report, summary)
        except WorkerFailure:
            if digits == DIGITS[-1]:
                raise
    raise AssertionError("DIGITS is empty")


def sentence(table: "list[TableRow]") -> str:
    """The figures in one line, as `recall: bleu 1.60 -> 20.10 (Better); test: …`; of several settings the verdicts."""
    if len({row.setting for row in table}) > 1:
        verdicts = Counter(row.comparison.verdict for row in table)
        return ", ".join(f"{verdicts[name]} {name}" for name in ("Better", "Worse", "Inconclusive"))
    groups: dict[str, list[str]] = {}
    for row in table:
        base, tuned = (
            "not finite" if value is None else f"{value:.2f}" for value in (row.comparison.base, row.comparison.tuned)
        )
        groups.setdefault(row.split, []).append(f"{row.metric} {base} -> {tuned} ({row.comparison.verdict})")
    return "; ".join(f"{split}: {', '.join(figures)}" for split, figures in groups.items())
