"""The figures of the benchmarks: accuracy, what was lost and gained, what was kept, perplexity of general text."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from evaluator.benchmarks.harness import Score
from evaluator.benchmarks.retention import RETENTION, WORST_SUBJECT, compare_retention, compare_worst_subject
from evaluator.benchmarks.tasks import Benchmark
from evaluator.compare import compare, finite
from evaluator.markdown import markdown_table
from evaluator.report import Part
from evaluator.scores import MEASURES, Array, Measure, corpus_perplexity
from evaluator.significance import mcnemar_p
from evaluator.table import Figure, Pair

GENERAL = "general"
# of a metric with its filter in a result
MOST_SIGNS = 63


@dataclass
class Benchmarked:
    """`figures` are for the table, `summary` a row a benchmark for the status."""

    figures: list[Figure] = field(default_factory=list)
    report: list[dict[str, Any]] = field(default_factory=list)
    items: list[dict[str, Any]] = field(default_factory=list)

    def summary(self) -> list[dict[str, Any]]:
        names = ("name", "metric", "base", "tuned", "items", "lost", "gained")
        own = [row for row in self.report if row["candidate"] == "tuned"]
        return [{name: row[name] for name in names} | {"metric": row["metric"][:MOST_SIGNS]} for row in own]


def compare_benchmarks(
    benchmarks: list[Benchmark],
    scores: dict[str, list[Score]],
    pairs: list[Pair],
    setting: str,
    resamples: int,
    seed: int,
) -> Benchmarked:
    found = Benchmarked(benchmark_figures(scores, pairs, setting, resamples, seed))
    for pair in pairs:
        for benchmark in benchmarks:
            found.report += _rows(benchmark, pair, scores[pair.baseline], scores[pair.candidate])
    found.items = [
        {"model": model, "benchmark": s.benchmark, "task": s.task, "item": s.item, "subject": s.subject}
        | {"metric": s.metric, "value": finite(s.value), "weight": s.weight}
        for model, side in scores.items()
        for s in side
    ]
    return found


def benchmark_figures(
    scores: dict[str, list[Score]], pairs: list[Pair], setting: str, resamples: int, seed: int
) -> list[Figure]:
    """Compare both models of each pair by what the benchmarks measure, all of them together."""
    figures = []
    for pair in pairs:
        before, after = scores[pair.baseline], scores[pair.candidate]
        answered = [
            pick(side, lambda score: not score.is_text and score.metric != "parses") for side in (before, after)
        ]
        texts = [pick(side, lambda score: score.is_text) for side in (before, after)]
        if answered[0]:
            sides = [np.array([[score.value, 1.0] for score in side]) for side in answered]
            accuracy = _accuracy(sides)
            # a subject of two benchmarks is not one subject
            subjects = [f"{score.benchmark}/{score.subject}" for score in answered[0]]
            right = [side[:, 0] for side in sides]
            figures += [
                Figure(pair.candidate, measure, GENERAL, setting, len(subjects), comparison)
                for measure, comparison in (
                    (accuracy, compare(accuracy, *sides, resamples, seed)),
                    (RETENTION, compare_retention(*right, subjects, resamples, seed)),
                    (WORST_SUBJECT, compare_worst_subject(*right, subjects)),
                )
            ]
        if texts[0]:
            sides = [np.array([[score.value, score.weight] for score in side]) for side in texts]
            perplexity = MEASURES["perplexity"]
            comparison = compare(perplexity, *sides, resamples, seed)
            figures.append(Figure(pair.candidate, perplexity, GENERAL, setting, len(texts[0]), comparison))
    return figures


def _accuracy(sides: list[Array]) -> Measure:
    """McNemar's test is for answers that are right or wrong: some tasks know shares too."""
    is_binary = set(np.unique(np.concatenate([side[:, 0] for side in sides]))) <= {0.0, 1.0}
    return MEASURES["accuracy"] if is_binary else replace(MEASURES["accuracy"], is_right_or_wrong=False)


def pick(scores: list[Score], is_wanted: Callable[[Score], bool]) -> list[Score]:
    """In one order for every model, whatever was cached."""
    return sorted((score for score in scores if is_wanted(score)), key=lambda score: score.place)


def _rows(benchmark: Benchmark, pair: Pair, before: list[Score], after: list[Score]) -> list[dict[str, Any]]:
    rows = []
    own = {score.metric for score in before if score.benchmark == benchmark.name}
    for metric in sorted(own):
        sides = [
            pick(side, lambda score, metric=metric: score.benchmark == benchmark.name and score.metric == metric)
            for side in (before, after)
        ]
        values = [np.array([score.value for score in side]) for side in sides]
        if metric == "word_perplexity":
            weights = [np.array([score.weight for score in side]) for side in sides]
            sums = [np.array([value.sum(), weight.sum()]) for value, weight in zip(values, weights, strict=True)]
            figures = [corpus_perplexity(each) for each in sums]
        else:
            figures = [100 * value.mean() for value in values]
        rows.append(
            {
                "candidate": pair.candidate,
                "name": benchmark.name,
                "digest": benchmark.digest,
                "metric": metric,
                "base": _rounded(figures[0]),
                "tuned": _rounded(figures[1]),
                "items": len(sides[0]),
                **_transitions(*values, metric),
                "subjects": _subjects(*sides) if metric != "word_perplexity" else {},
            }
        )
    return rows


def _transitions(before: Array, after: Array, metric: str) -> dict[str, Any]:
    """Items that were right and are not any more, and the other way round, with McNemar's test."""
    is_binary = metric != "word_perplexity" and set(np.unique([before, after])) <= {0.0, 1.0}
    if not is_binary:
        return {"lost": None, "gained": None, "pMcNemar": None}
    return {
        "lost": int(((before == 1) & (after == 0)).sum()),
        "gained": int(((before == 0) & (after == 1)).sum()),
        "pMcNemar": mcnemar_p(before, after),
    }


def _subjects(before: list[Score], after: list[Score]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for subject in sorted({score.subject for score in before}):
        sides = [[score.value for score in side if score.subject == subject] for side in (before, after)]
        right = [sum(side) for side in sides]
        found[subject] = {
            "items": len(sides[0]),
            "base": _rounded(100 * right[0] / len(sides[0])),
            "tuned": _rounded(100 * right[1] / len(sides[1])),
            "kept": _rounded(100 * right[1] / right[0]) if right[0] else None,
        }
    return found


def _rounded(value: float) -> float | None:
    return None if finite(value) is None else round(float(value), 4)


def benchmarks_part(found: Benchmarked) -> Part:
    import json

    items = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in found.items)
    return Part("benchmarks", {"results": found.report}, _section(found), {"benchmarks.jsonl": items})


def _section(found: Benchmarked) -> str:
    columns = ["model", "benchmark", "metric", "baseline", "candidate", "items", "lost", "gained", "p (McNemar)"]
    rows = [
        [
            row["candidate"],
            row["name"],
            row["metric"],
            *(_cell(row[name], 2) for name in ("base", "tuned")),
            str(row["items"]),
            *("none" if row[name] is None else str(row[name]) for name in ("lost", "gained")),
            "none" if row["pMcNemar"] is None else f"{row['pMcNemar']:.3f}",
        ]
        for row in found.report
    ]
    text = (
        "## Benchmarks\n\nQuestions that have nothing to do with the documents, scored by lm-eval: what was kept of"
        " what the baseline could do. `lost` were right and are not any more, `gained` the other way round. `retention`"
        " above is the mean over the subjects of the candidate's score as a share of the baseline's, `worstSubject` the"
        " least of them, in percent. A share of few items says little: interval, p and `detectable` of `worstSubject`"
        " hold for all subjects together."
    )
    lost = [
        [
            row["candidate"],
            row["name"],
            subject,
            str(one["items"]),
            *(_cell(one[name], 1) for name in ("base", "tuned", "kept")),
        ]
        for row in found.report
        for subject, one in row["subjects"].items()
    ]
    subjects = markdown_table(["model", "benchmark", "subject", "items", "baseline", "candidate", "kept, %"], lost)
    return "\n\n".join([text, markdown_table(columns, rows), *([subjects] if lost else [])])


def _cell(value: float | None, digits: int) -> str:
    return "none" if value is None else f"{value:.{digits}f}"
