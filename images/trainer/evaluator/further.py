"""What an evaluation measures beside the answers to its items: a judge's word, benchmarks, and the like.

Each part is asked for by a section of the input, adds figures to the one table and a section to the report, and tells
what its figures suffer from.
"""

from dataclasses import dataclass, field
from typing import Any

from evaluator.benchmarks.ask import ask_benchmarks
from evaluator.benchmarks.findings import benchmarks_part, compare_benchmarks
from evaluator.benchmarks.harness import Score
from evaluator.benchmarks.tasks import Benchmark
from evaluator.broken import broken_answers
from evaluator.candidates import TUNED, Lineup
from evaluator.code_part import METRIC, code_part
from evaluator.experiment.between import compare_runs
from evaluator.experiment.experiment import describe, experiment_part, notes_of
from evaluator.experiment.runs import Run
from evaluator.human import review
from evaluator.incumbent import Incumbent, incumbent_part, meet_incumbent
from evaluator.judge.judging import Draw, judge
from evaluator.judge.section import judge_part
from evaluator.progress import Progress
from evaluator.prompts import Setting
from evaluator.report import FIGURE_DIGITS, Part
from evaluator.serving.local import NOT_SERVABLE, measure_local
from evaluator.serving.measure import measure_endpoint
from evaluator.serving.models import can_be_served
from evaluator.serving.section import serving_part
from evaluator.table import Answers, Figure, Pair, TableRow
from evaluator.worth import worth_part
from worker.failure import WorkerFailure
from worker.rows import Row
from worker.store import artifact_folder
from worker.termination import Interrupted, Termination


@dataclass(frozen=True)
class Context:
    """All that is known when the items are answered; `groups` hold no contaminated ones.

    `is_last`: nobody makes another attempt.
    """

    value: dict[str, Any]
    lineup: Lineup
    groups: list[Answers]
    pairs: list[Pair]
    trained: list[Row]
    known: frozenset[str]
    progress: Progress
    termination: Termination
    is_last: bool

    @property
    def draw(self) -> Draw:
        return Draw(self.value["bootstrapSamples"], self.value["seed"])


@dataclass
class Further:
    """`summaries` are entries of the result; `scores` those of each model in the benchmarks; `partial` says what is
    missing, and is empty where nothing is.
    """

    figures: list[Figure] = field(default_factory=list)
    notes: list[dict[str, str]] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    summaries: dict[str, Any] = field(default_factory=dict)
    scores: dict[str, list[Score]] = field(default_factory=dict)
    incumbent: Incumbent | None = None
    partial: str = ""


def measure_further(context: Context, benchmarks: list[Benchmark]) -> Further:
    """All further parts, those that cost no money first."""
    further = Further(notes=broken_answers(context.groups))
    if benchmarks:
        _ask_benchmarks(context, benchmarks, further)
    if incumbent := context.value.get("incumbent"):
        further.incumbent = meet_incumbent(context, benchmarks, further.scores.get(TUNED, []))
        further.parts.append(incumbent_part(further.incumbent, incumbent["digest"]))
    _tell_worth(context, further)
    if METRIC in context.value["metrics"]:
        further.parts.append(code_part(context.groups, context.known))
    _ask_server(context, further)
    if context.value.get("judge"):
        _ask_judge(context, further)
    _ask_people(context, further)
    return further


def _ask_benchmarks(context: Context, benchmarks: list[Benchmark], further: Further) -> None:
    value, draw = context.value, context.draw
    asked = ask_benchmarks(benchmarks, context.lineup, value["batchSize"], value["seed"], context.termination)
    setting = value["settings"][0]["name"]
    found = compare_benchmarks(asked.benchmarks, asked.scores, context.pairs, setting, draw.resamples, draw.seed)
    further.notes += asked.notes
    further.figures += found.figures
    further.parts.append(benchmarks_part(found))
    further.summaries["benchmarks"] = found.summary()
    further.scores = asked.scores


def _tell_worth(context: Context, further: Further) -> None:
    settings = [Setting.of(each) for each in context.value["settings"]]
    draw = context.draw
    part = worth_part(context.groups, settings, context.pairs, context.known, draw.resamples, draw.seed)
    if part:
        further.parts.append(part)


def _ask_server(context: Context, further: Further) -> None:
    serving = context.value.get("serving")
    if not serving:
        return
    if "local" in serving and not can_be_served(context.lineup.subject):
        further.notes.append(NOT_SERVABLE)
        return
    try:
        rows = _measure_server(context, serving)
    except Interrupted:
        raise WorkerFailure(
            "preemptedSaved", "PreemptedSaved", "stopped while a server was measured, the answers are kept: start again"
        ) from None
    except WorkerFailure as failure:
        # another attempt may find it well; where there is none, all else is worth a report
        if failure.kind == "unavailable" and not context.is_last:
            raise
        further.notes.append({"candidate": "serving", "reason": "NotServed", "message": failure.message})
        return
    address = serving["endpoint"]["baseURL"] if "endpoint" in serving else None
    further.parts.append(serving_part(rows, address))
    further.summaries["serving"] = rows


def _measure_server(context: Context, serving: dict[str, Any]) -> list[dict[str, Any]]:
    prompts = [item.messages[-2]["content"] for group in context.groups for item in group.items]
    if "endpoint" in serving:
        with context.termination.interruptible():
            return measure_endpoint(serving, prompts)
    # the last that needs the models
    value = context.value
    adapter = artifact_folder(value["adapter"], "adapter")
    return measure_local(serving, prompts, context.lineup.subject, value["baseModel"], adapter, context.termination)


def _ask_people(context: Context, further: Further) -> None:
    people = context.value.get("people")
    if not people:
        return
    pair = next(pair for pair in context.pairs if pair.candidate == TUNED)
    reviewed = review(people, context.groups, pair, context.value["seed"])
    further.parts += reviewed.parts
    further.notes += reviewed.notes
    further.summaries["people"] = reviewed.summary


def add_experiment(context: Context, rows: list[TableRow], runs: list[Run], further: Further) -> None:
    """The report of the experiment, which needs the verdicts of all figures."""
    own = {run.name for run in runs}
    results = [row.as_report(FIGURE_DIGITS) for row in rows if row.candidate in own]
    between = [row.as_report(FIGURE_DIGITS) for row in compare_runs(context, runs, further.scores)]
    items = len({item.key for group in context.groups for item in group.items})
    variables = context.value["experiment"]["variables"]
    people = further.summaries.get("people")
    report = describe(runs, variables, context.lineup.baseline, items, results, between, people)
    further.notes += notes_of(report)
    further.parts.append(experiment_part(report, runs))


def _ask_judge(context: Context, further: Further) -> None:
    judged = judge(
        context.value["judge"],
        context.groups,
        context.pairs,
        model_names(context.trained, context.lineup),
        context.draw,
        context.value["run"]["id"],
        context.termination,
        context.progress.tell_judged,
        is_last=context.is_last,
    )
    further.partial = judged.report["partial"] or ""
    further.figures += judged.figures
    further.notes += judged.notes
    further.parts.append(judge_part(judged))
    further.summaries["judge"] = judged.summary


def model_names(trained: list[Row], lineup: Lineup) -> dict[str, str]:
    """Models whose family a judge should not be of, by what they do: whoever answers, and whoever wrote the rows."""
    written = sorted({row.generator for row in trained if row.generator})
    others = {
        f'the base model of "{each.name}"': each.base_model
        for each in lineup.contestants
        if each.base_model != lineup.subject.base.name
    }
    return (
        {"the base model": lineup.subject.base.name} | others | {f"the writer of rows {name}": name for name in written}
    )
