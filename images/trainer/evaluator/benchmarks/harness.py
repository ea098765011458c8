"""Tasks of lm-eval with one of our models, a part of the items at a time: its own requests, its own scores."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from evaluator.answer_log import AnswerLog, digest_of, shared_folder
from evaluator.benchmarks.loading import Drawn, load_drawn, load_task
from evaluator.benchmarks.metrics import (
    NO_SCORE,
    OF_LIKELIHOOD,
    UNFILTERED,
    first_filter,
    has_no_likelihood,
    main_metric,
    score_of,
)
from evaluator.benchmarks.tasks import ROLLING, Benchmark
from evaluator.candidates import Contestant
from evaluator.prompted import Prompted
from worker.failure import WorkerFailure
from worker.termination import Termination

# items that a kill can lose
PART = 32
# what lm-eval's own command line seeds its examples with
SEEDS = {"random_seed": 0, "numpy_random_seed": 1234, "torch_random_seed": 1234, "fewshot_random_seed": 1234}


@dataclass(frozen=True)
class Score:
    """Of one item: `value` is its figure, or for running text the negative log likelihood of `weight` words. `metric`
    names the filter, too, as lm-eval does, where a task has any.
    """

    benchmark: str
    task: str
    item: int
    subject: str
    metric: str
    value: float
    weight: float

    @property
    def is_text(self) -> bool:
        return self.metric == "word_perplexity"

    @property
    def place(self) -> tuple[str, str, int]:
        return self.benchmark, self.task, self.item


def run_tasks(
    benchmark: Benchmark,
    contestant: Contestant,
    opened: Callable[[], Any],
    batch_size: int,
    seed: int,
    termination: Termination,
) -> list[Score]:
    """A score for each drawn item of each task. `opened` gives the model, and is not called where all is known."""
    import lm_eval

    logging.getLogger("lm_eval").setLevel(logging.WARNING)
    conditions = [contestant.conditions, benchmark.digest, lm_eval.__version__]
    if benchmark.is_chat:
        conditions.append("chat")
    log = AnswerLog(shared_folder("benchmarks", digest_of(conditions)))
    scores = []
    try:
        for drawn in load_drawn(benchmark, seed):
            scores += _run_task(benchmark, drawn, contestant, opened, batch_size, log, termination)
    finally:
        log.close()
    return scores


def _run_task(
    benchmark: Benchmark,
    drawn: Drawn,
    contestant: Contestant,
    opened: Callable[[], Any],
    batch_size: int,
    log: AnswerLog,
    termination: Termination,
) -> list[Score]:
    task, configuration = drawn.task, drawn.configuration
    name = configuration["task"]
    metric, kept_filter = main_metric(benchmark.name, task), first_filter(task)
    named = metric if kept_filter == UNFILTERED else f"{metric},{kept_filter}"
    # older logs may have the score of another filter, or one of logits that are no numbers; a perplexity shows them
    is_of_likelihood = task.OUTPUT_TYPE in OF_LIKELIHOOD
    scored = ([] if kept_filter == UNFILTERED else [kept_filter]) + ([] if task.OUTPUT_TYPE == ROLLING else ["finite"])
    keys = {place: digest_of([configuration, drawn.documents[place], *scored]) for place in drawn.places}
    missing = [place for place in drawn.places if log.get(keys[place]) is None]
    for part in parts(missing, is_whole=bool(task.config.num_fewshot)):
        if termination.is_requested:
            raise WorkerFailure(
                "preemptedSaved", "PreemptedSaved", f'stopped within the benchmark "{name}": start again'
            )
        fresh = load_task(benchmark, configuration)
        samples, is_finite = measure(fresh, name, opened(), contestant, part, batch_size, benchmark.is_chat)
        # lm-eval has a sample for each filter
        wanted = [sample for sample in samples if sample["filter"] == kept_filter]
        log.add(
            (
                keys[sample["doc_id"]],
                NO_SCORE
                if not is_finite or (is_of_likelihood and has_no_likelihood(sample["resps"]))
                else score_of(benchmark.name, name, sample, metric),
            )
            for sample in wanted
        )
    found = {place: log.get(keys[place]) for place in drawn.places}
    return [
        Score(benchmark.name, name, place, drawn.subjects[place], named, float(kept["value"]), kept["weight"])
        for place, kept in found.items()
        if kept is not None
    ]


def parts(places: list[int], is_whole: bool) -> Iterator[list[int]]:
    """Examples before a question are drawn one item after the other, so that such a task cannot be cut."""
    size = len(places) if is_whole else PART
    for start in range(0, len(places), max(1, size)):
        yield places[start : start + size]


def measure(
    task: Any,
    name: str,
    model: Any,
    contestant: Contestant,
    places: list[int],
    batch_size: int,
    is_chat: bool,
) -> tuple[list[dict[str, Any]], bool]:
    """lm-eval's own samples of these items, and whether all that was written came of finite logits; `is_chat` puts the
    questions into the template of the model.
    """
    from lm_eval.evaluator import evaluate

    from evaluator.benchmarks.watched import WatchedModel

    if isinstance(model, Prompted):
        raise WorkerFailure(
            "config",
            "BenchmarkUnsupported",
            f'benchmarks: lm-eval cannot ask the prompt-tuned model "{contestant.name}": leave benchmarks out',
        )
    task.set_fewshot_seed(seed=SEEDS["fewshot_random_seed"])
    harness = WatchedModel(pretrained=model, tokenizer=contestant.tokenizer, batch_size=batch_size)
    result = evaluate(
        harness,
        {name: task},
        samples={name: places},
        log_samples=True,
        bootstrap_iters=0,
        apply_chat_template=is_chat,
        # each example is a turn of its own, as a conversation has them
        fewshot_as_multiturn=is_chat,
    )
    if result is None:
        raise WorkerFailure("internal", "InternalError", "lm-eval gave no result")
    return result["samples"][name], harness.has_finite_logits
