"""The promoted adapter beside the tuned model that would take its place: both answer the same items.

A gate asks for a difference to the base, which an adapter may have that is worse than the one that serves. This
comparison stands by itself: it moves no other figure, and what keeps it from being made costs nothing else.
"""

import json
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from evaluator.benchmarks.ask import ask_benchmarks
from evaluator.benchmarks.findings import benchmark_figures
from evaluator.benchmarks.harness import Score
from evaluator.benchmarks.tasks import Benchmark
from evaluator.candidates import TUNED, Contestant, Lineup, contestant_of
from evaluator.contamination import contaminated
from evaluator.items import Item, trained_rows
from evaluator.markdown import figures_table
from evaluator.measure import Work, measure
from evaluator.prompts import Setting
from evaluator.report import FIGURE_DIGITS, Part, answer
from evaluator.samples import Key, Sample
from evaluator.scores import GENERATED, SCORED
from evaluator.second_adapter import opened_beside
from evaluator.sources import Source, source_of
from evaluator.table import Answers, Figure, TableRow, compare_groups, correct, pairs_of
from worker.failure import WorkerFailure
from worker.store import verified

if TYPE_CHECKING:
    from evaluator.further import Context

NAME = "promoted"
# as the contract has it
MAX_MESSAGE = 256


@dataclass(frozen=True)
class Incumbent:
    """`rows` have the promoted adapter as their base, with a correction of their own; `left_out` questions were trained
    by it. `problem` says why there are none.
    """

    rows: list[TableRow]
    left_out: int = 0
    said: list[dict[str, Any]] = field(default_factory=list)
    problem: dict[str, str] | None = None

    @property
    def worse(self) -> list[TableRow]:
        """What the tuned model is proven to do worse, the surest first."""
        return sorted((row for row in self.rows if row.verdict == "Worse"), key=lambda row: row.p or 0.0)

    @property
    def compared(self) -> int:
        return sum(row.comparison.interval is not None for row in self.rows)


def meet_incumbent(context: "Context", benchmarks: list[Benchmark], scores: list[Score]) -> Incumbent:
    """Compare the tuned model, whose `scores` in `benchmarks` are known, with the adapter `incumbent` of the input."""
    import torch

    try:
        return _meet(context, benchmarks, scores)
    except WorkerFailure as failure:
        # another attempt goes on, or finds it well
        if failure.kind == "preemptedSaved" or (failure.kind == "unavailable" and not context.is_last):
            raise
        problem = {"reason": failure.reason, "message": failure.message[:MAX_MESSAGE]}
    except torch.OutOfMemoryError:
        message = "the device has no room for the promoted adapter: lower spec.batchSize, or give it more memory"
        problem = {"reason": "OutOfMemory", "message": message}
    finally:
        context.progress.end_items()
    return Incumbent([], problem=problem)


def _meet(context: "Context", benchmarks: list[Benchmark], scores: list[Score]) -> Incumbent:
    value, lineup, draw = context.value, context.lineup, context.draw
    source = source_of({"name": NAME, "adapter": value["incumbent"], "baseModel": value["baseModel"]})
    _check_base(lineup.subject.base.revision, source.manifest["baseModelRevision"])
    contestant = _contestant(lineup, source)
    duel = Lineup(lineup.subject, [lineup.named(TUNED), contestant], NAME)
    items = list({item.key: item for group in context.groups for item in group.items}.values())
    suspects = contaminated(items, trained_rows(_dataset(source)))
    clean = [item for item in items if item.key not in suspects]
    groups = _asked(context, contestant, clean) if clean else []
    pairs = pairs_of(NAME, [TUNED], value["metrics"], duel.same_tokens)
    figures = compare_groups(groups, pairs, context.known, draw.resamples, draw.seed)
    # one that is left out for all is left out here, too
    known = {score.benchmark for score in scores}
    if benchmarks := [benchmark for benchmark in benchmarks if benchmark.name in known]:
        alone = replace(duel, contestants=[contestant])
        asked = ask_benchmarks(benchmarks, alone, value["batchSize"], value["seed"], context.termination)
        names = {benchmark.name for benchmark in asked.benchmarks}
        sides = asked.scores | {TUNED: [score for score in scores if score.benchmark in names]}
        setting = value["settings"][0]["name"]
        figures += benchmark_figures(sides, pairs, setting, draw.resamples, draw.seed)
    return Incumbent(_rows(figures), len(suspects), [_line(group, row) for group in groups for row in _places(group)])


def _contestant(lineup: Lineup, source: Source) -> Contestant:
    engine = lineup.named(TUNED).conditions["engine"]
    try:
        made = contestant_of(source, engine)
    except (OSError, ValueError) as error:
        text = str(error).split("\n")[0][:200]
        raise WorkerFailure("data", "InvalidAdapter", f"the promoted adapter cannot be read: {text}") from error
    return replace(made, opened=partial(opened_beside, lineup.subject, source))


def _check_base(revision: str, trained_on: str) -> None:
    if revision != trained_on:
        raise WorkerFailure(
            "model",
            "OtherBaseModel",
            f'the promoted adapter is one of "{trained_on}", not of "{revision}": the gate alone decides this once',
        )


def _rows(figures: list[Figure]) -> list[TableRow]:
    rows = correct(figures)
    if any(row.comparison.interval for row in rows):
        return rows
    raise WorkerFailure(
        "data",
        "NoCommonQuestions",
        "no question is left that can be compared with the promoted adapter, which was trained on the others: hold "
        "more rows back in the Dataset",
    )


def _dataset(source: Source) -> Any:
    dataset = source.manifest.get("dataset")
    if not dataset:
        message = "the manifest of the promoted adapter does not name its rows: train it again to compare with it"
        raise WorkerFailure("data", "UnknownRows", message)
    return verified(dataset, "the dataset of the promoted adapter")


def _asked(context: "Context", contestant: Contestant, clean: list[Item]) -> list[Answers]:
    """The answers of both models to the items that neither was trained on."""
    value = context.value
    work = Work(
        is_generated=bool(set(GENERATED) & set(value["metrics"])),
        is_scored=bool(set(SCORED) & set(value["metrics"])),
        batch_size=value["batchSize"],
    )
    settings = [Setting.of(each) for each in value["settings"]]
    alone = Lineup(context.lineup.subject, [contestant], NAME)
    samples = measure(alone, clean, settings, work, context.progress, context.termination)
    wanted = {item.key for item in clean}
    groups = [_beside(group, wanted, samples) for group in context.groups]
    return [group for group in groups if group.items]


def _beside(group: Answers, wanted: set[tuple[str, str]], samples: dict[Key, Sample]) -> Answers:
    rows = [row for row, item in enumerate(group.items) if item.key in wanted]
    items = [group.items[row] for row in rows]
    tuned = [group.of(TUNED)[row] for row in rows]
    return Answers(
        group.split,
        group.setting,
        items,
        {NAME: [samples[group.setting, group.split, item.id, NAME] for item in items], TUNED: tuned},
    )


def _places(group: Answers) -> range:
    return range(len(group.items))


def _line(group: Answers, row: int) -> dict[str, Any]:
    item = group.items[row]
    identity = {"id": item.id, "split": group.split, "setting": group.setting}
    return identity | {NAME: answer(item, group.of(NAME)[row])}


def incumbent_part(found: Incumbent, digest: str) -> Part:
    report = {
        "digest": digest,
        "problem": found.problem,
        "trainedQuestions": found.left_out,
        "results": [row.as_report(FIGURE_DIGITS) for row in found.rows],
    }
    lines = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in found.said)
    return Part("incumbent", report, _section(found, report["results"]), {"promoted.jsonl": lines} if lines else {})


def _section(found: Incumbent, results: list[dict[str, Any]]) -> str:
    title = "## Against the promoted adapter\n\n"
    if found.problem:
        return f"{title}Not compared, {found.problem['reason']}: {found.problem['message']}."
    left_out = f" {found.left_out} questions that it was trained on are left out." if found.left_out else ""
    return (
        f"{title}The baseline is the adapter that was promoted when this run began. A p is corrected for the figures of"
        f" this table alone.{left_out}\n\n{figures_table(results)}"
    )
