"""Tasks as lm-eval makes them of files, and whether they can be asked: what can be known before a model is loaded."""

from dataclasses import dataclass
from typing import Any

from evaluator.benchmarks.metrics import MEANS, main_metric, score_of, unfit_metric
from evaluator.benchmarks.packaged import complete, missing
from evaluator.benchmarks.tasks import ROLLING, Benchmark, draw, read_code, subject_of
from evaluator.benchmarks.untrusted import check_metrics, confine_templates
from worker.failure import WorkerFailure

# an answer that no model has given
MADE_UP = "This is an answer. It has two sentences."


@dataclass(frozen=True)
class Drawn:
    """The items of a task, what they are about, and the places of those that are asked."""

    documents: list[dict[str, Any]]
    subjects: list[str]
    places: list[int]


def drawn(benchmark: Benchmark, task: Any, seed: int) -> Drawn:
    name = task.config.task
    documents = list(task.eval_docs)
    subjects = [subject_of(document, name) for document in documents]
    # several tasks are the subjects of one benchmark
    maximum = max(1, benchmark.maximum // len(benchmark.tasks))
    return Drawn(documents, subjects, draw(subjects, maximum, seed, name))


def check_benchmark(benchmark: Benchmark, seed: int) -> None:
    """WorkerFailure for files that could not be asked, before any model is."""
    if benchmark.is_code:
        read_code(benchmark.folder, benchmark.name)
    for configuration in benchmark.tasks:
        task = load_task(benchmark, configuration)
        metric = main_metric(benchmark.name, task)
        if is_rehearsed(task):
            rehearse(benchmark, configuration, task, metric, seed)


def load_task(benchmark: Benchmark, configuration: dict[str, Any]) -> Any:
    """The task as lm-eval makes it. WorkerFailure for a configuration that it does not take."""
    from lm_eval.tasks import TaskManager

    confine_templates()
    check_metrics(benchmark.name, configuration)
    whole = complete(benchmark.name, benchmark.folder, configuration)
    try:
        return TaskManager(include_defaults=False).load(whole)["tasks"][configuration["task"]]
    except Exception as error:  # noqa: BLE001 - whatever a file of a user makes a library say
        raise _unusable(benchmark.name, "load", configuration, error) from error


def is_rehearsed(task: Any) -> bool:
    """Filters may make anything of an answer but for the usual one, which takes the text."""
    filters = task.config.filter_list or []
    return not filters or filters[0]["filter"][-1]["function"] == "take_first"


def rehearse(benchmark: Benchmark, configuration: dict[str, Any], task: Any, metric: str, seed: int) -> None:
    """Score a made-up answer to each drawn item: what fails here would fail when the models have answered."""
    items = drawn(benchmark, task, seed)
    for place in items.places:
        document = items.documents[place]
        try:
            told = task.process_results(document, made_up(task, document))
        except Exception as error:  # noqa: BLE001 - functions of lm-eval, and columns of a user
            raise _unusable(benchmark.name, "score", configuration, error) from error
        if metric not in told:
            raise unfit_metric(benchmark.name, task.config.task, metric, MEANS)
        score_of(benchmark.name, task.config.task, told, metric)


def made_up(task: Any, document: dict[str, Any]) -> list[Any]:
    """What a model could have said, in the form that lm-eval hands to the scoring of this type of task."""
    if task.OUTPUT_TYPE == ROLLING:
        return [-1.0]
    if task.OUTPUT_TYPE != "multiple_choice":
        return [(-1.0, False)] if task.OUTPUT_TYPE == "loglikelihood" else [MADE_UP]
    choices = task.doc_to_choice(document)
    # normalised accuracies are asked for the choices without their question, too
    is_mutual = "acc_mutual_info" in task._metric_fn_list
    return [(-1.0 - place, False) for place, _ in enumerate(choices)] * (2 if is_mutual else 1)


def _unusable(benchmark: str, what: str, configuration: dict[str, Any], error: Exception) -> WorkerFailure:
    include = configuration.get("include")
    if include and (failure := missing(benchmark, include, error)):
        return failure
    text = f"{type(error).__name__}: {error}".split("\n")[0][:300]
    message = f'benchmarks "{benchmark}": lm-eval cannot {what} "{configuration["task"]}": {text}'
    return WorkerFailure("data", "BenchmarkUnfit", message)
