"""The figures of an evaluation: one row for each split, setting and metric."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluator.code import code_counts
from evaluator.compare import Comparison, Verdict, compare, verdict
from evaluator.items import Item
from evaluator.overlap import character_bleu, exact_match, rouge_l, token_f1
from evaluator.refusals import refusal_counts
from evaluator.samples import Key, Sample
from evaluator.scores import MEASURES, Array, Measure, bleu_statistics, chrf_statistics
from evaluator.significance import holm
from evaluator.terms import invented_counts, term_counts


@dataclass(frozen=True)
class TableRow:
    """A comparison of baseline and `candidate` over `samples` items; `p` is corrected for all rows of the table."""

    candidate: str
    metric: str
    split: str
    setting: str
    samples: int
    comparison: Comparison
    p: float | None
    verdict: Verdict

    def as_result(self, settings: list[str], digits: int) -> list[Any]:
        """The row as the contract has it, its figures cut to so many significant digits."""
        row = self.comparison
        low, high = row.interval or (None, None)
        figures = [short(value, digits) for value in (row.base, row.tuned, row.delta, low, high)]
        place = settings.index(self.setting)
        return [self.metric, self.split, place, *figures, self.samples, short(self.p, 2), self.verdict]

    def as_report(self, digits: int) -> dict[str, Any]:
        """The row for report.json, with the names of its figures and what the result has no room for."""
        row, wins = self.comparison, self.comparison.wins
        return {
            "candidate": self.candidate,
            "metric": self.metric,
            "split": self.split,
            "setting": self.setting,
            "base": short(row.base, digits),
            "tuned": short(row.tuned, digits),
            "delta": short(row.delta, digits),
            "ci95": [short(value, digits) for value in row.interval] if row.interval else None,
            "samples": self.samples,
            "p": short(row.p, digits),
            "pAdjusted": short(self.p, digits),
            "detectable": short(row.detectable, digits),
            "wins": {"better": wins.better, "worse": wins.worse, "same": wins.same, "pSign": short(wins.p, digits)},
            "verdict": self.verdict,
        }


def short(value: float | None, digits: int) -> float | None:
    """With so many significant digits."""
    return None if value is None else float(f"{value:.{digits}g}")


@dataclass(frozen=True)
class Answers:
    """Samples of all models for the same items of one split and setting, in one order."""

    split: str
    setting: str
    items: list[Item]
    by_model: dict[str, list[Sample]]

    def of(self, model: str) -> list[Sample]:
        return self.by_model[model]


def collect(items: list[Item], settings: list[str], models: Sequence[str], samples: dict[Key, Sample]) -> list[Answers]:
    """Put the samples side by side: split by split, within it setting by setting."""
    splits = dict.fromkeys(item.split for item in items)
    groups = []
    for split in splits:
        asked = [item for item in items if item.split == split]
        for setting in settings:
            by_model = {model: [samples[setting, split, item.id, model] for item in asked] for model in models}
            groups.append(Answers(split, setting, asked, by_model))
    return groups


@dataclass(frozen=True)
class Pair:
    """Two models to compare, by the metrics that both can be compared by."""

    baseline: str
    candidate: str
    metrics: tuple[str, ...]


def pairs_of(
    baseline: str, candidates: Sequence[str], metrics: Sequence[str], same: Callable[[str], bool]
) -> list[Pair]:
    """Each candidate with the baseline; perplexities that count other tokens give way to bits per byte."""
    return [
        Pair(
            baseline,
            candidate,
            tuple(
                dict.fromkeys(
                    "bitsPerByte" if metric == "perplexity" and not same(candidate) else metric for metric in metrics
                )
            ),
        )
        for candidate in candidates
    ]


@dataclass(frozen=True)
class Figure:
    """A comparison before its p is corrected for the number of all figures."""

    candidate: str
    measure: Measure
    split: str
    setting: str
    samples: int
    comparison: Comparison


def compare_groups(
    groups: list[Answers], pairs: list[Pair], known: frozenset[str], resamples: int, seed: int
) -> list[Figure]:
    """Compare both models of each pair by each metric in each group; `known` are the names of the documents."""
    figures = []
    for pair in pairs:
        for group in groups:
            for metric in pair.metrics:
                base, tuned = _statistics(metric, group, pair, known)
                comparison = compare(MEASURES[metric], base, tuned, resamples, seed)
                figures.append(
                    Figure(pair.candidate, MEASURES[metric], group.split, group.setting, len(base), comparison)
                )
    return figures


def correct(figures: Sequence[Figure]) -> list[TableRow]:
    """The rows of one table, whose verdicts hold for all of them together."""
    corrected = holm([figure.comparison.p for figure in figures])
    return [
        TableRow(
            figure.candidate,
            figure.measure.name,
            figure.split,
            figure.setting,
            figure.samples,
            figure.comparison,
            p,
            verdict(figure.measure, figure.comparison.interval, p),
        )
        for figure, p in zip(figures, corrected, strict=True)
    ]


def _statistics(metric: str, group: Answers, pair: Pair, known: frozenset[str]) -> tuple[Array, Array]:
    """Sums of both models of shape (items, k), whatever the metric needs, of the items that it concerns."""
    base, tuned = (metric_sums(metric, group, group.of(model), known) for model in (pair.baseline, pair.candidate))
    if metric == "codeParses":
        # which model writes code at all is another question
        is_asked = (base[:, 1] > 0) & (tuned[:, 1] > 0)
        return base[is_asked], tuned[is_asked]
    if metric not in ("termRecall", "refusals"):
        return base, tuned
    # a reference without a name or number asks for none, and most questions have an answer
    is_asked = base[:, 1] > 0
    return base[is_asked], tuned[is_asked]


def metric_sums(metric: str, group: Answers, samples: list[Sample], known: frozenset[str]) -> Array:
    outputs = [sample.output or "" for sample in samples]
    references = [item.references for item in group.items]
    languages = [item.language for item in group.items]
    match metric:
        case "perplexity":
            rows = [[sample.loss, sample.answerTokens] for sample in samples]
        case "bitsPerByte":
            rows = [[sample.loss, len(item.reference.encode())] for sample, item in _pairs(samples, group)]
        case "bleu":
            rows = bleu_statistics(outputs, references, languages)
        case "chrf" | "chrfPlusPlus":
            rows = chrf_statistics(outputs, references, metric)
        case "bleu4_char_llamafactory":
            rows = [[value, 1] for value in character_bleu(outputs, [item.reference for item in group.items])]
        case "termRecall":
            rows = term_counts(outputs, [item.reference for item in group.items])
        case "codeParses":
            rows = code_counts(outputs)
        case "refusals":
            rows = refusal_counts(outputs, [item.task for item in group.items])
        case "unended":
            rows = [[float(not sample.hasEnded), 1] for sample in samples]
        case "inventedSymbols":
            prompts = [" ".join(message["content"] for message in item.messages[:-1]) for item in group.items]
            rows = invented_counts(outputs, prompts, known)
        case "rougeL" | "exactMatch" | "f1":
            score = {"rougeL": rouge_l, "exactMatch": exact_match, "f1": token_f1}[metric]
            rows = [[value, 1] for value in score(outputs, references, languages)]
        case _:
            raise ValueError(f'there is no metric "{metric}"')
    return np.asarray(rows, dtype=np.float64).reshape(len(samples), -1)


def _pairs(samples: list[Sample], group: Answers) -> list[tuple[Sample, Item]]:
    return list(zip(samples, group.items, strict=True))
