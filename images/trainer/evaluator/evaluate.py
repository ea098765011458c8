"""The evaluation from its input to its result."""

import logging
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluator.contamination import contaminated
from evaluator.items import Item, load_items
from worker.failure import WorkerFailure
from worker.progress import Reporter
from worker.result import success
from worker.rows import Row, load_rows
from worker.store import Artifact, run_folder, verified
from worker.termination import Termination

if TYPE_CHECKING:
    from evaluator.table import Answers, TableRow

log = logging.getLogger("evaluator")

# a message that Kubernetes would cut is worth less than one with rounder figures
DIGITS = (6, 4, 3)


def evaluate(value: dict[str, Any], reporter: Reporter, termination: Termination) -> dict[str, Any]:
    """Evaluate the input `value` and give the worker's result. Every input is checked before a model is loaded."""
    dataset = verified(value["dataset"], "dataset")
    adapter = verified(value["adapter"], "adapter")
    items = load_items(dataset, value["splits"], value["maxSamples"], value["seed"])
    trained = trained_rows(dataset)
    suspects = contaminated(items, trained)
    check_clean(items, suspects)
    # seconds of imports that a wrong input does not have to wait for
    from evaluator.measure import Work, measure
    from evaluator.outputs import count_outputs, degenerate_share
    from evaluator.prompts import Setting
    from evaluator.report import Findings, library_versions, publish_report
    from evaluator.samples import SampleFile
    from evaluator.scores import GENERATED, SCORED
    from evaluator.subject import MODELS, load_subject
    from evaluator.table import collect, render_table
    from evaluator.terms import known_names

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
        is_generated=bool(set(GENERATED) & set(value["metrics"])),
        is_scored=bool(set(SCORED) & set(value["metrics"])),
        batch_size=value["batchSize"],
    )
    measure(subject, items, settings, work, file, reporter, termination)
    log.info("measured", extra={"seconds": round(time.monotonic() - started, 1)})
    names = [setting.name for setting in settings]
    known = known_names(message["content"] for row in [*trained, *items] for message in row.messages)

    def table_of(chosen: list[Item]) -> "tuple[list[Answers], list[TableRow]]":
        groups = collect(chosen, names, file.samples)
        return groups, render_table(groups, value["metrics"], known, value["bootstrapSamples"], value["seed"])

    groups, table = table_of([item for item in items if item.key not in suspects])
    apart = table_of([item for item in items if item.key in suspects])[1]
    outputs = count_outputs(groups, subject.tokenizer) if work.is_generated else []
    report = publish_report(value, subject, groups, Findings(table, apart, outputs))
    degenerate = {model: degenerate_share(outputs, model) for model in MODELS} if outputs else None
    return shortest_result(table, report, degenerate, Counter(split for split, _ in suspects))


def trained_rows(dataset: Path) -> list[Row]:
    """The rows that were trained; none for a dataset that was made for evaluations alone."""
    return load_rows(dataset, "train") if (dataset / "train.jsonl").is_file() else []


def check_clean(items: list[Item], suspects: set[tuple[str, str]]) -> None:
    """WorkerFailure `data` when a split has no question that was not trained."""
    for split in dict.fromkeys(item.split for item in items):
        if all(item.key in suspects for item in items if item.split == split):
            raise WorkerFailure(
                "data",
                "Contaminated",
                f'every question of the split "{split}" stands in the trained rows: hold other rows back',
            )


def shortest_result(
    table: "list[TableRow]", report: Artifact, degenerate: dict[str, float] | None, suspects: Counter[str]
) -> dict[str, Any]:
    """The result with as many digits as fit; WorkerFailure `internal` when none do."""
    settings = list(dict.fromkeys(row.setting for row in table))
    for digits in DIGITS:
        summary = {
            "settings": settings,
            "results": [row.as_result(settings, digits) for row in table],
            "report": {"uri": report["uri"], "digest": report["digest"]},
            "degenerate": degenerate,
            "contaminated": dict(suspects),
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
        verdicts = Counter(row.verdict for row in table)
        return ", ".join(f"{verdicts[name]} {name}" for name in ("Better", "Worse", "Inconclusive"))
    groups: dict[str, list[str]] = {}
    for row in table:
        base, tuned = (
            "not finite" if value is None else f"{value:.2f}" for value in (row.comparison.base, row.comparison.tuned)
        )
        groups.setdefault(row.split, []).append(f"{row.metric} {base} -> {tuned} ({row.verdict})")
    return "; ".join(f"{split}: {', '.join(figures)}" for split, figures in groups.items())
