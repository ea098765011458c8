"""Which of the figures of a task of lm-eval counts, and its value of one item."""

import math
from typing import Any

from evaluator.answer_log import kept_number
from evaluator.benchmarks.files import unfit
from evaluator.benchmarks.tasks import ROLLING
from worker.failure import WorkerFailure

# types of tasks whose answers are likelihoods
OF_LIKELIHOOD = ("multiple_choice", "loglikelihood")
# of an item that the model found no likelihood for
NO_SCORE = {"value": "nan", "weight": 1.0}
# of a task without filters, as lm-eval calls it
UNFILTERED = "none"


def first_filter(task: Any) -> str:
    """Of several the first is the strict one, whose figures are published."""
    filters = task.config.filter_list or [{"name": UNFILTERED}]
    return str(filters[0]["name"])


def main_metric(benchmark: str, task: Any) -> str:
    """The first metric of the task, or of those that lm-eval gives it; of running text the perplexity of words.

    WorkerFailure `data` for one that is no number of each item, whose mean is the figure.
    """
    known = task.aggregation()
    if task.OUTPUT_TYPE == ROLLING:
        if "word_perplexity" not in known:
            raise unfit_metric(benchmark, task.config.task, next(iter(known), "none"), 'name "word_perplexity"')
        return "word_perplexity"
    is_mean = {name: getattr(function, "__name__", "") == "mean" for name, function in known.items()}
    # where the file names none, the first of lm-eval's own that fits
    names = list(is_mean) if task.config.metric_list else [name for name in is_mean if is_mean[name]]
    if not names or not is_mean[names[0]]:
        raise unfit_metric(benchmark, task.config.task, names[0] if names else next(iter(known), "none"), MEANS)
    return names[0]


MEANS = 'put one whose "aggregation" is "mean" first in "metric_list", such as "acc" or "exact_match"'


def unfit_metric(benchmark: str, task: str, metric: str, remedy: str) -> WorkerFailure:
    return unfit(benchmark, f'the metric "{metric}" of "{task}" is no number of each item: {remedy}')


def has_no_likelihood(responses: list[list[tuple[float, bool]]]) -> bool:
    """lm-eval takes the first of choices whose likelihoods are not numbers, and so is right as often as by chance."""
    likelihoods = [likelihood for request in responses for likelihood, _is_greedy in request]
    # one choice alone may be impossible
    return any(map(math.isnan, likelihoods)) or not any(map(math.isfinite, likelihoods))


def score_of(benchmark: str, task: str, sample: dict[str, Any], metric: str) -> dict[str, float | str]:
    value = sample.get(metric)
    if metric == "word_perplexity":
        likelihood, words = sample[metric]
        return {"value": kept_number(-float(likelihood)), "weight": float(words)}
    try:
        return {"value": kept_number(float(value)), "weight": 1.0}  # type: ignore[arg-type] - that is the question
    except (TypeError, ValueError) as error:
        raise unfit_metric(benchmark, task, metric, MEANS) from error
