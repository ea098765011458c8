"""The figures of an evaluation: one row for each split, setting and metric."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluator.compare import Comparison, compare
from evaluator.items import Item
from evaluator.samples import Key, Sample
from evaluator.scores import MEASURES, Array, bleu_statistics, chrf_statistics
from evaluator.subject import MODELS


@dataclass(frozen=True)
class TableRow:
    """A comparison of base and tuned over `samples` items."""

    metric: str
    split: str
    setting: str
    samples: int
    comparison: Comparison

    def as_result(self, digits: int) -> dict[str, Any]:
        """The row as the contract has it, its figures cut to so many significant digits."""

        def short(value: float | None) -> float | None:
            return None if value is None else float(f"{value:.{digits}g}")

        row, interval = self.comparison, self.comparison.interval
        return {
            "metric": self.metric,
            "split": self.split,
            "setting": self.setting,
            "base": short(row.base),
            "tuned": short(row.tuned),
            "delta": short(row.delta),
            "ci95": [short(value) for value in interval] if interval else None,
            "samples": self.samples,
            "verdict": row.verdict,
        }


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


def render_table(groups: list[Answers], metrics: list[str], resamples: int, seed: int) -> list[TableRow]:
    """Compare both models by each metric in each group."""
    return [
        TableRow(
            metric,
            group.split,
            group.setting,
            len(group.items),
            compare(
                MEASURES[metric],
                _statistics(metric, group, group.base),
                _statistics(metric, group, group.tuned),
                resamples,
                seed,
            ),
        )
        for group in groups
        for metric in metrics
    ]


def _statistics(metric: str, group: Answers, samples: list[Sample]) -> Array:
    """Shape (items, k), whatever sums the metric needs."""
    if metric == "perplexity":
        return np.array([[sample.loss, sample.answerTokens] for sample in samples], dtype=np.float64)
    outputs = [sample.output or "" for sample in samples]
    references = [item.reference for item in group.items]
    if metric == "chrf":
        return chrf_statistics(outputs, references)
    return bleu_statistics(outputs, references, [item.language for item in group.items])
