"""The result of an evaluation, as short as a termination message has to be."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from worker.failure import WorkerFailure
from worker.result import success
from worker.store import Artifact

if TYPE_CHECKING:
    from evaluator.incumbent import Incumbent
    from evaluator.report import Findings
    from evaluator.table import TableRow

TUNED = "tuned"
MOST_NOTES = 12


@dataclass(frozen=True)
class Form:
    """How much a result tells: the digits of its figures, and what only the report has; its message may be verdicts.

    `most_worse` figures are named of those in which the promoted adapter is better.
    """

    digits: int
    left_out: tuple[str, ...] = ()
    has_figures_in_message: bool = True
    most_worse: int = 36


# a message that Kubernetes would cut is worth less than one with rounder figures; then goes what the report has too
DETAILS = ("benchmarks", "serving")
# rows that the contract has room for; several tasks of one folder may have a metric each
MOST_BENCHMARKS = 16
FORMS = (Form(6), Form(4), Form(3), Form(3, (), False), Form(3, (), False, 6), Form(3, DETAILS, False, 6))


@dataclass(frozen=True)
class Told:
    """All that a result can tell; `summaries` are entries that further measurements add."""

    findings: "Findings"
    baseline: str
    candidates: list[str]
    settings: list[str]
    report: Artifact
    contaminated: Counter[str]
    summaries: dict[str, Any]
    incumbent: "Incumbent | None" = None


def shortest_result(told: Told) -> dict[str, Any]:
    """The result in the fullest form that fits; WorkerFailure `internal` when none does."""
    for form in FORMS:
        try:
            return success("evaluate-result", "Evaluated", _message(told, form), told.report, _summary(told, form))
        except WorkerFailure:
            if form is FORMS[-1]:
                raise
    raise AssertionError("there is no last try")


def _message(told: Told, form: Form) -> str:
    said = sentence(told.findings.table_of(TUNED), has_figures=form.has_figures_in_message)
    return f"partial, {told.findings.partial}; {said}" if told.findings.partial else said


def _summary(told: Told, form: Form) -> dict[str, Any]:
    from evaluator.outputs import degenerate_share

    findings, settings, report = told.findings, told.settings, told.report
    shares = {
        name: degenerate_share(findings.outputs, model) for name, model in (("base", told.baseline), (TUNED, TUNED))
    }

    def results(name: str) -> list[Any]:
        return [row.as_result(settings, form.digits) for row in findings.table_of(name)]

    gone = {name for name in form.left_out if told.summaries.get(name)}
    rows = told.summaries.get("benchmarks", [])
    kept = {"benchmarks": rows[:MOST_BENCHMARKS]} if rows else {}
    # some of the rows are no more than some, and said to be
    left_out = [name for name in DETAILS if name in gone or (name == "benchmarks" and len(rows) > MOST_BENCHMARKS)]
    return {
        "settings": settings,
        "results": results(TUNED),
        "candidates": [{"name": name, "results": results(name)} for name in told.candidates if name != TUNED],
        "notes": list(dict.fromkeys(note["reason"] for note in findings.notes))[:MOST_NOTES],
        **{name: value for name, value in (told.summaries | kept).items() if name not in gone},
        **({"leftOut": left_out} if left_out else {}),
        **({"incumbent": _against(told.incumbent, settings, form)} if told.incumbent else {}),
        "report": {"uri": report["uri"], "digest": report["digest"]},
        "degenerate": shares if findings.outputs else None,
        "contaminated": dict(told.contaminated),
    }


def _against(incumbent: "Incumbent", settings: list[str], form: Form) -> dict[str, Any]:
    named = incumbent.worse[: form.most_worse]
    return {
        "compared": incumbent.compared,
        "worse": [row.as_result(settings, form.digits) for row in named],
        "more": len(incumbent.worse) - len(named),
        **({"problem": incumbent.problem} if incumbent.problem else {}),
    }


def sentence(table: "Iterable[TableRow]", *, has_figures: bool = True) -> str:
    """The figures in one line, as `recall: bleu 1.60 -> 20.10 (Better); test: …`; of several settings the verdicts."""
    rows = list(table)
    if not has_figures or len({row.setting for row in rows}) > 1:
        verdicts = Counter(row.verdict for row in rows)
        return ", ".join(f"{verdicts[name]} {name}" for name in ("Better", "Worse", "Inconclusive"))
    groups: dict[str, list[str]] = {}
    for row in rows:
        base, tuned = (
            f"{value:.2f}" if value is not None else "not finite" if row.samples else "none"
            for value in (row.comparison.base, row.comparison.tuned)
        )
        groups.setdefault(row.split, []).append(f"{row.metric} {base} -> {tuned} ({row.verdict})")
    return "; ".join(f"{split}: {', '.join(figures)}" for split, figures in groups.items())
