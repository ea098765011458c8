"""How many answers are no answers, by model."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evaluator.degenerate import KINDS, faults
from evaluator.table import Answers

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True)
class Outputs:
    """Of one model in one group: `degenerate` answers in all, and by kind (one answer may be of several kinds)."""

    split: str
    setting: str
    model: str
    samples: int
    degenerate: int
    by_kind: dict[str, int]
    unended: int
    prompts_cut: int

    def as_report(self) -> dict[str, Any]:
        return {
            "split": self.split,
            "setting": self.setting,
            "model": self.model,
            "samples": self.samples,
            "degenerate": self.degenerate,
            **{kind: self.by_kind.get(kind, 0) for kind in KINDS},
            "unended": self.unended,
            "promptsCut": self.prompts_cut,
        }


def count_outputs(groups: list[Answers], tokenizer: "PreTrainedTokenizerBase") -> list[Outputs]:
    """Of each group and model. An answer that was cut at maxNewTokens may be good: "unended" is a metric of its own."""
    marks = [*tokenizer.all_special_tokens]
    return [_count(group, model, marks) for group in groups for model in group.by_model]


def _count(group: Answers, model: str, marks: list[str]) -> Outputs:
    samples = group.of(model)
    found = [
        faults(sample.output or "", item.reference, item.language, marks, item.messages[-2]["content"])
        for item, sample in zip(group.items, samples, strict=True)
    ]
    return Outputs(
        split=group.split,
        setting=group.setting,
        model=model,
        samples=len(samples),
        degenerate=sum(map(bool, found)),
        by_kind=Counter(kind for kinds in found for kind in kinds),
        unended=sum(not sample.hasEnded for sample in samples),
        prompts_cut=sum(sample.isPromptCut for sample in samples),
    )


def degenerate_share(outputs: list[Outputs], model: str) -> float:
    """Share of all answers of a model that are none, 0 to 1."""
    own = [row for row in outputs if row.model == model]
    return round(sum(row.degenerate for row in own) / max(1, sum(row.samples for row in own)), 4)
