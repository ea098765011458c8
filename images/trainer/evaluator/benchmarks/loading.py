"""Tasks as lm-eval makes them of files, and whether they can be asked: what can be known before a model is loaded."""

from dataclasses import dataclass
from typing import Any

from evaluator.benchmarks.files import unfit
from evaluator.benchmarks.metrics import MEANS, main_metric, score_of, unfit_metric
from evaluator.benchmarks.packaged import complete, missing
from evaluator.benchmarks.tasks import ROLLING, Benchmark, apportion, draw, read_code, subject_of
from evaluator.benchmarks.untrusted import check_settings, confine_templates
from worker.failure import WorkerFailure

# an answer that no model has given
MADE_UP = "This is an answer. It has two sentences."


@dataclass(frozen=True)
class Drawn:
    """A task with its configuration and its items, what these are about, and the places of those that are asked."""

    configuration: dict[str, Any]
    task: Any
    documents: list[dict[str, Any]]
    subjects: list[str]
    places: list[int]


def load_drawn(benchmark: Benchmark, seed: int) -> list[Drawn]:
    """The tasks of a benchmark, which are its subjects: of each its share of the items.

    WorkerFailure for a configuration that lm-eval does not take.
    """
    tasks = [load_task(benchmark, configuration) for configuration in benchmark.tasks]
    documents = [list(task.eval_docs) for task in tasks]
    counts = apportion([len(own) for own in documents], benchmark.maximum)
    return [_drawn(*each, seed) for each in zip(benchmark.tasks, tasks, documents, counts, strict=True)]


def _drawn(configuration: dict[str, Any], task: Any, documents: list[dict[str, Any]], count: int, seed: int) -> Drawn:
    name = task.config.task
    subjects = [subject_of(document, name) for document in documents]
    return Drawn(configuration, task, documents, subjects, draw(subjects, count, seed, name))


def check_benchmark(benchmark: Benchmark, seed: int) -> None:
    """WorkerFailure for files that could not be asked, before any model is."""
    if benchmark.is_code:
        read_code(benchmark.folder, benchmark.name)
    for drawn in load_drawn(benchmark, seed):
        metric = main_metric(benchmark.name, drawn.task)
        if is_rehearsed(drawn.task):
            rehearse(benchmark, drawn, metric)


def load_task(benchmark: Benchmark, configuration: dict[str, Any]) -> Any:
    """The task as lm-eval makes it. WorkerFailure for a configuration that it does not take."""
    from lm_eval.tasks import TaskManager

    confine_templates()
    check_settings(benchmark.name, configuration)
    whole = complete(benchmark.name, benchmark.folder, configuration)
    try:
        return TaskManager(include_defaults=False).load(whole)["tasks"][configuration["task"]]
    except Exception as error:  # noqa: BLE001 - whatever a file of a user makes a library say
        raise _unusable(benchmark.name, "load", configuration, error) from error


def is_rehearsed(task: Any) -> bool:
    """Filters may make anything of an answer but for the usual one, which takes the text."""
    filters = task.config.filter_list or []
    return not filters or filters[0]["filter"][-1]["function"] == "take_first"


def rehearse(benchmark: Benchmark, drawn: Drawn, metric: str) -> None:
    """Score a made-up answer to each drawn item: what fails here would fail when the models have answered."""
    task = drawn.task
    for place in drawn.places:
        document = drawn.documents[place]
        try:
            told = task.process_results(document, made_up(task, document))
        except Exception as error:  # noqa: BLE001 - functions of lm-eval, and columns of a user
            raise _unusable(benchmark.name, "score", drawn.configuration, error) from error
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
    return unfit(benchmark, f'lm-eval cannot {what} "{configuration["task"]}": {text}')
