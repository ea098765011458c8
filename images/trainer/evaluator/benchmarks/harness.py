"""Tasks of lm-eval with one of our models, a part of the items at a time: its own requests, its own scores."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from evaluator.answer_log import AnswerLog, digest_of, kept_number, shared_folder
from evaluator.benchmarks.tasks import ROLLING, Benchmark, draw, read_code, subject_of
from evaluator.candidates import Contestant
from evaluator.prompted import Prompted
from worker.failure import WorkerFailure
from worker.termination import Termination

# items that a kill can lose
PART = 32
# what lm-eval's own command line seeds its examples with
SEEDS = {"random_seed": 0, "numpy_random_seed": 1234, "torch_random_seed": 1234, "fewshot_random_seed": 1234}


# of a task without filters, as lm-eval calls it
UNFILTERED = "none"


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
        for configuration in benchmark.tasks:
            scores += _run_task(benchmark, configuration, contestant, opened, batch_size, seed, log, termination)
    finally:
        log.close()
    return scores


def _run_task(
    benchmark: Benchmark,
    configuration: dict[str, Any],
    contestant: Contestant,
    opened: Callable[[], Any],
    batch_size: int,
    seed: int,
    log: AnswerLog,
    termination: Termination,
) -> list[Score]:
    name = configuration["task"]
    task = load_task(benchmark.name, configuration)
    documents = list(task.eval_docs)
    subjects = [subject_of(document, name) for document in documents]
    # several tasks are the subjects of one benchmark
    maximum = max(1, benchmark.maximum // len(benchmark.tasks))
    chosen = draw(subjects, maximum, seed, name)
    metric, kept_filter = main_metric(benchmark.name, task), first_filter(configuration)
    named = metric if kept_filter == UNFILTERED else f"{metric},{kept_filter}"
    # older logs may have the score of another filter
    filtered = [] if kept_filter == UNFILTERED else [kept_filter]
    keys = {place: digest_of([configuration, documents[place], *filtered]) for place in chosen}
    missing = [place for place in chosen if log.get(keys[place]) is None]
    for part in parts(missing, is_whole=bool(configuration.get("num_fewshot"))):
        if termination.is_requested:
            raise WorkerFailure(
                "preemptedSaved", "PreemptedSaved", f'stopped within the benchmark "{name}": start again'
            )
        fresh = load_task(benchmark.name, configuration)
        samples = measure(fresh, name, opened(), contestant, part, batch_size, benchmark.is_chat)
        # lm-eval has a sample for each filter
        wanted = [sample for sample in samples if sample["filter"] == kept_filter]
        log.add((keys[sample["doc_id"]], score_of(benchmark.name, name, sample, metric)) for sample in wanted)
    found = {place: log.get(keys[place]) for place in chosen}
    return [
        Score(benchmark.name, name, place, subjects[place], named, float(kept["value"]), kept["weight"])
        for place, kept in found.items()
        if kept is not None
    ]


def parts(places: list[int], is_whole: bool) -> Iterator[list[int]]:
    """Examples before a question are drawn one item after the other, so that such a task cannot be cut."""
    size = len(places) if is_whole else PART
    for start in range(0, len(places), max(1, size)):
        yield places[start : start + size]


def load_task(benchmark: str, configuration: dict[str, Any]) -> Any:
    """The task as lm-eval makes it. WorkerFailure `data` for a configuration that it does not take."""
    from lm_eval.tasks import TaskManager

    try:
        return TaskManager(include_defaults=False).load(dict(configuration))["tasks"][configuration["task"]]
    except Exception as error:  # noqa: BLE001 - whatever a file of a user makes a library say
        text = f"{type(error).__name__}: {error}".split("\n")[0][:300]
        raise WorkerFailure(
            "data", "BenchmarkUnfit", f'benchmarks "{benchmark}": lm-eval cannot load "{configuration["task"]}": {text}'
        ) from error


def measure(
    task: Any,
    name: str,
    model: Any,
    contestant: Contestant,
    places: list[int],
    batch_size: int,
    is_chat: bool,
) -> list[dict[str, Any]]:
    """lm-eval's own samples of these items; `is_chat` puts the questions into the template of the model."""
    from lm_eval.evaluator import evaluate
    from lm_eval.models.huggingface import HFLM

    if isinstance(model, Prompted):
        raise WorkerFailure(
            "config",
            "BenchmarkUnsupported",
            f'benchmarks: lm-eval cannot ask the prompt-tuned model "{contestant.name}": leave benchmarks out',
        )
    task.set_fewshot_seed(seed=SEEDS["fewshot_random_seed"])
    harness = HFLM(pretrained=model, tokenizer=contestant.tokenizer, batch_size=batch_size)
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
    return result["samples"][name]


def check_benchmark(benchmark: Benchmark) -> None:
    """WorkerFailure `data` for files that could not be asked, before any model is."""
    if benchmark.is_code:
        read_code(benchmark.folder, benchmark.name)
    for configuration in benchmark.tasks:
        main_metric(benchmark.name, load_task(benchmark.name, configuration))


def first_filter(configuration: dict[str, Any]) -> str:
    """Of several the first is the strict one, whose figures are published."""
    filters = configuration.get("filter_list") or [{"name": UNFILTERED}]
    return str(filters[0]["name"])


def main_metric(benchmark: str, task: Any) -> str:
    """The first metric of the task, or of those that lm-eval gives it; of running text the perplexity of words.

    WorkerFailure `data` for one that is no number of each item, whose mean is the figure.
    """
    known = task.aggregation()
    if task.OUTPUT_TYPE == ROLLING:
        if "word_perplexity" not in known:
            raise _unfit_metric(benchmark, task.config.task, next(iter(known), "none"), 'name "word_perplexity"')
        return "word_perplexity"
    is_mean = {name: getattr(function, "__name__", "") == "mean" for name, function in known.items()}
    # where the file names none, the first of lm-eval's own that fits
    names = list(is_mean) if task.config.metric_list else [name for name in is_mean if is_mean[name]]
    if not names or not is_mean[names[0]]:
        raise _unfit_metric(benchmark, task.config.task, names[0] if names else next(iter(known), "none"), MEANS)
    return names[0]


MEANS = 'put one whose "aggregation" is "mean" first in "metric_list", such as "acc" or "exact_match"'


def _unfit_metric(benchmark: str, task: str, metric: str, remedy: str) -> WorkerFailure:
    message = f'benchmarks "{benchmark}": the metric "{metric}" of "{task}" is no number of each item: {remedy}'
    return WorkerFailure("data", "BenchmarkUnfit", message)


def score_of(benchmark: str, task: str, sample: dict[str, Any], metric: str) -> dict[str, float | str]:
    value = sample.get(metric)
    if metric == "word_perplexity":
        likelihood, words = sample[metric]
        return {"value": kept_number(-float(likelihood)), "weight": float(words)}
    try:
        return {"value": kept_number(float(value)), "weight": 1.0}  # type: ignore[arg-type] - that is the question
    except (TypeError, ValueError) as error:
        raise _unfit_metric(benchmark, task, metric, MEANS) from error
