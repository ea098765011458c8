"""The figures of an evaluation: one row for each split, setting and metric."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluator.compare import Comparison, Verdict, compare, verdict
from evaluator.items import Item
from evaluator.overlap import exact_match, rouge_l, token_f1
from evaluator.samples import Key, Sample
from evaluator.scores import MEASURES, Array, bleu_statistics, chrf_statistics
from evaluator.significance import holm
from evaluator.subject import MODELS
from evaluator.terms import invented_counts, term_counts


@dataclass(frozen=True)
class TableRow:
    """A comparison of base and tuned over `samples` items; `p` is corrected for all rows of the table."""

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
    """Samples of both models for the same items of one split and setting, in one order."""

    split: str
    setting: str
    items: list[Item]
    base: list[Sample]
    tuned: list[Sample]

    def of(self, model: str) -> list[Sample]:
        return self.base if model == "base" else self.tuned


def collect(items: list[Item], settings: list[str], samples: dict[Key, Sample]) -> list[Answers]:
    """Pair the samples: split by split, within it setting by setting."""
    splits = dict.fromkeys(item.split for item in items)
    groups = []
    for split in splits:
        asked = [item for item in items if item.split == split]
        for setting in settings:
            base, tuned = ([samples[setting, split, item.id, model] for item in asked] for model in MODELS)
            groups.append(Answers(split, setting, asked, base, tuned))
    return groups


def render_table(
    groups: list[Answers], metrics: list[str], known: frozenset[str], resamples: int, seed: int
) -> list[TableRow]:
    """Compare both models by each metric in each group; `known` are the names of the documents."""
    measured = [(group, metric, *_statistics(metric, group, known)) for group in groups for metric in metrics]
    comparisons = [compare(MEASURES[metric], base, tuned, resamples, seed) for _, metric, base, tuned in measured]
    corrected = holm([comparison.p for comparison in comparisons])
    return [
        TableRow(
            metric,
            group.split,
            group.setting,
            len(base),
            comparison,
            p,
            verdict(MEASURES[metric], comparison.interval, p),
        )
        for (group, metric, base, _), comparison, p in zip(measured, comparisons, corrected, strict=True)
    ]


def _statistics(metric: str, group: Answers, known: frozenset[str]) -> tuple[Array, Array]:
    """Sums of base and tuned of shape (items, k), whatever the metric needs, of the items that it concerns."""
    base, tuned = (_sums(metric, group, group.of(model), known) for model in MODELS)
    if metric != "termRecall":
        return base, tuned
    # a reference without a name or number asks for none
    is_asked = base[:, 1] > 0
    return base[is_asked], tuned[is_asked]


def _sums(metric: str, group: Answers, samples: list[Sample], known: frozenset[str]) -> Array:
    outputs = [sample.output or "" for sample in samples]
    references = [item.reference for item in group.items]
    languages = [item.language for item in group.items]
    match metric:
        case "perplexity":
            rows = [[sample.loss, sample.answerTokens] for sample in samples]
        case "bitsPerByte":
            rows = [[sample.loss, len(item.reference.encode())] for sample, item in _pairs(samples, group)]
        case "bleu":
            rows = bleu_statistics(outputs, references, languages)
        case "chrf":
            rows = chrf_statistics(outputs, references)
        case "termRecall":
            rows = term_counts(outputs, references)
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
