"""The evaluation from its input to its result."""

import logging
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluator.attempts import last_attempt
from evaluator.benchmarks.tasks import Benchmark, read_benchmark
from evaluator.contamination import contaminated
from evaluator.experiment.runs import Run, read_run
from evaluator.forgetting import forget
from evaluator.items import Item, load_items, trained_rows
from evaluator.result import Told, shortest_result
from worker.failure import WorkerFailure
from worker.progress import Reporter
from worker.rows import Row
from worker.store import artifact_folder, verified
from worker.termination import Termination

if TYPE_CHECKING:
    from evaluator.table import Answers, Figure

log = logging.getLogger("evaluator")


def evaluate(value: dict[str, Any], reporter: Reporter, termination: Termination) -> dict[str, Any]:
    """Evaluate the input `value` and give the worker's result. Every input is checked before a model is loaded."""
    with last_attempt(value["run"]["id"], (value.get("judge") or {}).get("attempts")) as is_last:
        result = attempt(value, reporter, termination, is_last=is_last)
    forget()
    return result


def attempt(value: dict[str, Any], reporter: Reporter, termination: Termination, *, is_last: bool) -> dict[str, Any]:
    """One attempt at an evaluation; `is_last` tells what is there, where another one might find more."""
    dataset = verified(value["dataset"], "dataset")
    adapter = verified(value["adapter"], "adapter")
    items = load_items(dataset, value["splits"], value["maxSamples"], value["seed"])
    trained = all_trained(dataset, value)
    suspects = contaminated(items, trained)
    check_clean(items, suspects)
    runs = experiment_runs(value, adapter, dataset)
    benchmarks = [read_benchmark(each) for each in value.get("benchmarks", [])]
    # seconds of imports that a wrong input does not have to wait for
    from evaluator.candidates import load_lineup
    from evaluator.further import Context, add_experiment, measure_further
    from evaluator.judge.docket import questions_per_item
    from evaluator.measure import Work, measure
    from evaluator.outputs import count_outputs
    from evaluator.progress import Progress
    from evaluator.prompts import Setting
    from evaluator.report import Findings, library_versions, publish_report
    from evaluator.scores import GENERATED, SCORED
    from evaluator.table import collect, compare_groups, correct, pairs_of
    from evaluator.terms import known_names

    check_files(value, benchmarks)
    lineup = load_lineup(value, adapter, library_versions())
    settings = [Setting.of(each) for each in value["settings"]]
    started = time.monotonic()
    work = Work(
        is_generated=bool(set(GENERATED) & set(value["metrics"])) or bool(value.get("judge") or value.get("people")),
        is_scored=bool(set(SCORED) & set(value["metrics"])),
        batch_size=value["batchSize"],
    )
    pairs = pairs_of(lineup.baseline, lineup.candidates, value["metrics"], lineup.same_tokens)
    clean = [item for item in items if item.key not in suspects]
    foreseen = questions_per_item(pairs, value["judge"]) * len(clean) if value.get("judge") else 0
    later = len(items) * len(settings) if value.get("incumbent") else 0
    progress = Progress(reporter, foreseen, later)
    samples = measure(lineup, items, settings, work, progress, termination)
    log.info("measured", extra={"seconds": round(time.monotonic() - started, 1)})
    known = known_names(message["content"] for row in [*trained, *items] for message in row.messages)
    names = [setting.name for setting in settings]
    models = [each.name for each in lineup.contestants]

    def figures_of(chosen: "list[Item]") -> "tuple[list[Answers], list[Figure]]":
        groups = collect(chosen, names, models, samples)
        return groups, compare_groups(groups, pairs, known, value["bootstrapSamples"], value["seed"])

    groups, figures = figures_of(clean)
    apart = figures_of([item for item in items if item.key in suspects])[1]
    outputs = count_outputs(groups, lineup.subject.tokenizer) if work.is_generated else []
    context = Context(value, lineup, groups, pairs, trained, known, progress, termination, is_last)
    further = measure_further(context, benchmarks)
    figures += further.figures
    rows = correct(figures)
    if runs:
        add_experiment(context, rows, runs, further)
    notes = [*lineup.notes, *further.notes]
    findings = Findings(rows, correct(apart), outputs, further.parts, notes, further.partial)
    report = publish_report(value, lineup, groups, findings)
    suspected = Counter(split for split, _ in suspects)
    return shortest_result(
        Told(
            findings,
            lineup.baseline,
            list(lineup.candidates),
            names,
            report,
            suspected,
            further.summaries,
            further.incumbent,
        )
    )


def check_files(value: dict[str, Any], benchmarks: list[Benchmark]) -> None:
    """WorkerFailure for files of benchmarks and labels that are of no use: hours of answers must not come before it."""
    from evaluator.benchmarks.loading import check_benchmark
    from evaluator.judge.calibration import read_labels

    for benchmark in benchmarks:
        check_benchmark(benchmark, value["seed"])
    if labels := (value.get("judge") or {}).get("calibration"):
        read_labels(Path(labels))


def experiment_runs(value: dict[str, Any], adapter: Path, dataset: Path) -> list[Run]:
    """The trainings that an experiment compares: one of each artifact, whatever is evaluated of it. None without one.

    WorkerFailure `config` where there is only one training.
    """
    if not value.get("experiment"):
        return []
    artifacts = {"tuned": value["adapter"]} | {each["name"]: each["adapter"] for each in value.get("candidates", [])}
    distinct = {artifact["digest"]: name for name, artifact in reversed(artifacts.items())}
    if len(distinct) < 2:
        raise WorkerFailure(
            "config",
            "OneRun",
            "experiment: there is one training alone: name other jobs to compare it with in spec.candidates",
        )
    folders = {name: adapter if name == "tuned" else verified(artifacts[name], "candidates") for name in artifacts}
    datasets = {value["dataset"]["digest"]: dataset} | {
        each["dataset"]["digest"]: artifact_folder(each["dataset"], "candidates.dataset")
        for each in value.get("candidates", [])
        if "dataset" in each
    }
    return [
        read_run(name, folders[name], datasets) for name in artifacts if distinct[artifacts[name]["digest"]] == name
    ]


def all_trained(dataset: Path, value: dict[str, Any]) -> list[Row]:
    """The rows that any of the models was trained on."""
    others = [
        each["dataset"] for each in [value.get("baseline") or {}, *value.get("candidates", [])] if "dataset" in each
    ]
    digests = {value["dataset"]["digest"]} | {each["digest"] for each in others}
    further = {each["digest"]: each for each in others if each["digest"] in digests - {value["dataset"]["digest"]}}
    folders = [dataset, *(verified(each, "candidates.dataset") for each in further.values())]
    return [row for folder in folders for row in trained_rows(folder)]


def check_clean(items: list[Item], suspects: set[tuple[str, str]]) -> None:
    """WorkerFailure `data` when a split has no question that was not trained."""
    for split in dict.fromkeys(item.split for item in items):
        if all(item.key in suspects for item in items if item.split == split):
            raise WorkerFailure(
                "data",
                "Contaminated",
                f'every question of the split "{split}" stands in the trained rows: hold other rows back',
            )
