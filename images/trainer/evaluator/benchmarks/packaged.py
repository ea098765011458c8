"""Tasks that lm-eval ships, with the functions they call. A file of a user takes one for its base and brings the data.

Functions of users' files are never called. Those of the installed lm-eval make its figures, and its version names them:
the keys of kept answers have it.
"""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from evaluator.benchmarks.files import unfit
from worker.failure import WorkerFailure

PREFIX = "lm_eval/tasks/"
DATA_FOLDER = "nltk_data"
# what stands for data that would be downloaded, and what makes a task one of several
NOT_TAKEN = ("dataset_path", "dataset_name", "dataset_kwargs", "custom_dataset", "group", "tag", "task_list")
SPLITS = ("training_split", "validation_split", "test_split", "fewshot_split")
RESOURCE = re.compile(r"Resource\s+(?:\x1b\[\d+m)?([\w-]+)(?:\x1b\[\d+m)?\s+not found")


class MissingResource(Exception):
    """Data of nltk that it would download."""


def is_packaged(include: Any) -> bool:
    return isinstance(include, str) and include.startswith(PREFIX)


def packaged_file(include: str) -> Path | None:
    """A file of the installed lm-eval by its path in there, such as `lm_eval/tasks/ifeval/ifeval.yaml`."""
    found = find_spec("lm_eval")
    if found is None or not found.submodule_search_locations:
        return None
    root = (Path(found.submodule_search_locations[0]) / "tasks").resolve()
    path = (root / include.removeprefix(PREFIX)).resolve()
    return path if path.is_relative_to(root) and path.is_file() else None


def complete(benchmark: str, folder: Path, configuration: dict[str, Any]) -> dict[str, Any]:
    """What a file says over what the packaged task that it includes says, whose functions are resolved.

    WorkerFailure `data` for a task that cannot be a base, `config` where the image lacks a module that it needs.
    """
    include = configuration.get("include")
    if include is None:
        return dict(configuration)
    _stay_offline(folder)
    # its functions are imported when it is known that it can be a base
    base = _base(benchmark, include, with_functions=False)
    if not isinstance(base.get("task"), str) or "class" in base:
        raise _unfit(
            benchmark, include, "it is no single task: include a file that has a task, and no class of its own"
        )
    if base.get("unsafe_code"):
        raise _unfit(
            benchmark,
            include,
            'it would run what a model writes unconfined: give programming tasks as a folder with "code.jsonl"',
        )
    base = _base(benchmark, include, with_functions=True)
    own = {name: value for name, value in configuration.items() if name != "include"}
    whole = {name: value for name, value in base.items() if name not in NOT_TAKEN} | own
    for name in SPLITS:
        split = whole.get(name)
        if split is not None and split not in own["dataset_kwargs"]["data_files"]:
            raise _unfit(
                benchmark,
                include,
                f'its {name} is "{split}", which "data_files" has no file of: add one, or set "{name}: null"',
            )
    return whole


def _base(benchmark: str, include: str, *, with_functions: bool) -> dict[str, Any]:
    from lm_eval.tasks._yaml_loader import load_yaml

    path = packaged_file(include)
    if path is None:
        # read_benchmark has looked for it
        raise _unfit(benchmark, include, "the installed lm-eval has no such file")
    try:
        return load_yaml(path, resolve_func=with_functions)
    except (ImportError, LookupError, MissingResource) as error:
        raise missing(benchmark, include, error) or _unfit(benchmark, include, str(error).split("\n")[0]) from error


def missing(benchmark: str, what: str, error: BaseException) -> WorkerFailure | None:
    """What to say where a function of lm-eval needs a module, or data of nltk, that is not there; else None."""
    from lm_eval import __version__

    if isinstance(error, ImportError):
        name = error.name or str(error).split("\n")[0]
        return WorkerFailure(
            "config",
            "BenchmarkModuleMissing",
            f'benchmarks "{benchmark}": "{what}" of lm-eval {__version__} needs the Python module "{name}", which the '
            "image does not have: build it with that package in the argument EXTRA_PACKAGES",
        )
    found = RESOURCE.search(str(error))
    resource = str(error) if isinstance(error, MissingResource) else found[1] if found else None
    if resource is None:
        return None
    return unfit(
        benchmark,
        f'"{what}" of lm-eval {__version__} needs the data "{resource}" of nltk, and '
        f'nothing is downloaded: put it where nltk looks for it below "{DATA_FOLDER}" of the folder, such as '
        f'"{DATA_FOLDER}/tokenizers/punkt_tab"',
    )


def _stay_offline(folder: Path) -> None:
    """Functions of lm-eval load data of nltk when they are imported, and download what they do not find."""
    import nltk

    data = str(folder / DATA_FOLDER)
    if Path(data).is_dir() and data not in nltk.data.path:
        nltk.data.path.insert(0, data)
    nltk.download = _refuse


def _refuse(resource: Any = None, *_options: Any, **_named: Any) -> bool:
    raise MissingResource(str(resource))


def _unfit(benchmark: str, include: str, what: str) -> WorkerFailure:
    return unfit(benchmark, what, f', include "{include}"')
