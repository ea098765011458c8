"""Models whose logits are not finite: they find nothing probable, so that what rests on likelihoods has no figure."""

import math
from collections.abc import Iterable

from evaluator.candidates import BASE
from evaluator.table import Answers

REASON = "LogitsNotFinite"
TRAIN_ANEW = (
    "its weights have overflowed, train again with a lower learningRate, or with training.precision bf16 or fp32"
)
OTHER_BASE = "it is damaged, or too large for the type of its numbers, so correct spec.baseModel of the FineTuneJob"


def broken_answers(groups: list[Answers]) -> list[dict[str, str]]:
    """A note for each model that found no answer of some items probable."""
    by_model: dict[str, list[float]] = {}
    for group in groups:
        for model in group.by_model:
            losses = [sample.loss for sample in group.of(model) if sample.loss is not None]
            by_model.setdefault(model, []).extend(losses)
    return [note for model, losses in by_model.items() for note in broken(model, "the dataset", losses)]


def broken(model: str, source: str, values: Iterable[float]) -> list[dict[str, str]]:
    """A note if some of a model's values of items of one source are no numbers."""
    listed = list(values)
    count = sum(not math.isfinite(value) for value in listed)
    if not count:
        return []
    message = (
        f'"{model}" has no finite likelihood for {count} of {len(listed)} items of {source}, whose figures have no '
        f"value: {OTHER_BASE if model == BASE else TRAIN_ANEW}"
    )
    return [{"candidate": model, "reason": REASON, "message": message}]
