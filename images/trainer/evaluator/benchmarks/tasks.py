"""Benchmarks as folders: tasks of lm-eval with their data beside them, or programming tasks. Nothing is downloaded."""

import json
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

from evaluator.answer_log import digest_of
from evaluator.benchmarks.files import check_text, own_file, text_of, unfit_file
from evaluator.benchmarks.packaged import PREFIX, is_packaged, packaged_file
from evaluator.items import lot
from worker.digests import file_sha256
from worker.failure import WorkerFailure

CODE_FILE = "code.jsonl"
# the column of a row that says what it is about
SUBJECTS = ("subject", "category", "topic")
CHOICE, ROLLING = "multiple_choice", "loglikelihood_rolling"


@dataclass(frozen=True)
class Benchmark:
    """`digest` names its files exactly; `tasks` are configurations of lm-eval, empty for programming tasks. One with an
    `include` goes over a task that lm-eval ships.
    """

    name: str
    folder: Path
    digest: str
    tasks: list[dict[str, Any]]
    maximum: int
    is_chat: bool = False

    @property
    def is_code(self) -> bool:
        return (self.folder / CODE_FILE).is_file()


def read_benchmark(value: dict[str, Any]) -> Benchmark:
    """The benchmark of an input. WorkerFailure `data` or `config` that names it."""
    name, folder = value["name"], Path(value["path"])
    if not folder.is_dir():
        raise WorkerFailure("data", "BenchmarkNotFound", f'benchmarks "{name}": there is no folder "{folder}"')
    digest = folder_digest(folder)
    if value.get("digest") and value["digest"] != digest:
        raise WorkerFailure(
            "data",
            "BenchmarkChanged",
            f'benchmarks "{name}": its files have the digest {digest}, and {value["digest"]} is asked for: bring them '
            "back, or change benchmarks[].digest",
        )
    configurations = [] if (folder / CODE_FILE).is_file() else _configurations(name, folder)
    return Benchmark(name, folder, digest, configurations, value["maxItems"], value["chatTemplate"])


def folder_digest(folder: Path) -> str:
    """`sha256:<64 hex>` of all files by their names; a mounted ConfigMap has its files behind links."""
    files = {
        path.relative_to(folder).as_posix(): file_sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.startswith("..") for part in path.relative_to(folder).parts)
    }
    return f"sha256:{digest_of(files)}"


def _configurations(name: str, folder: Path) -> list[dict[str, Any]]:
    found = []
    for path in sorted(folder.glob("*.yaml")):
        value = _read(name, path)
        # what others include has no name
        if isinstance(value, dict) and isinstance(value.get("task"), str):
            found.append(_located(name, folder, path, value))
    if not found:
        raise WorkerFailure(
            "data",
            "BenchmarkNotFound",
            f'benchmarks "{name}": no file "*.yaml" of the folder has a "task", and there is no "{CODE_FILE}"',
        )
    return found


def _read(name: str, path: Path) -> Any:
    try:
        return yaml.safe_load(text_of(name, path))
    except yaml.YAMLError as error:
        text = str(error).split("\n")[0]
        raise unfit_file(name, path.name, f"it cannot be read ({text}): it may call no function of its own") from error


def _with_includes(name: str, folder: Path, path: Path, value: dict[str, Any]) -> dict[str, Any]:
    """A configuration with what the files that it includes say, but for a task of lm-eval, which stays an `include`."""
    seen = {path.name}
    while include := value.pop("include", None):
        if is_packaged(include):
            if packaged_file(include) is None:
                raise unfit_file(name, path.name, f'the installed lm-eval has no file "{include}"')
            return value | {"include": include}
        own = own_file(folder, include) if isinstance(include, str) and include not in seen else None
        if own is None:
            raise unfit_file(
                name,
                path.name,
                f'"include" must name one other file of the folder, or one of lm-eval after "{PREFIX}": "{include}"',
            )
        seen.add(include)
        base = _read(name, own)
        if not isinstance(base, dict):
            raise unfit_file(name, include, "it has no names with values")
        value = base | value
    return value


def _located(name: str, folder: Path, path: Path, given: dict[str, Any]) -> dict[str, Any]:
    """A configuration whose data are files of the folder, by their whole paths."""
    value = _with_includes(name, folder, path, given)
    files = (value.get("dataset_kwargs") or {}).get("data_files")
    if value.get("dataset_path") not in ("json", "csv", "parquet") or not files:
        raise unfit_file(
            name,
            path.name,
            '"dataset_path" must be json, csv or parquet and "dataset_kwargs.data_files" name files of the folder, '
            "since nothing is downloaded",
        )
    splits = files if isinstance(files, dict) else {"train": files}
    located = {split: [_own_data(name, folder, path, each) for each in _listed(part)] for split, part in splits.items()}
    if "encoding" not in value["dataset_kwargs"]:
        for each in chain.from_iterable(located.values()):
            check_text(name, Path(each))
    return value | {"dataset_kwargs": value["dataset_kwargs"] | {"data_files": located}}


def _own_data(name: str, folder: Path, path: Path, file: str) -> str:
    """The whole path of data that the task file `path` names."""
    found = own_file(folder, file)
    if found is None:
        raise unfit_file(
            name,
            path.name,
            f'the file "{file}" is not in the folder: put it beside the task file, since the digest is of this folder',
        )
    return str(found)


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def apportion(sizes: list[int], maximum: int) -> list[int]:
    """Of each its share of `maximum`, or all there is."""
    total = sum(sizes)
    if total <= maximum:
        return sizes
    shares = [maximum * size / total for size in sizes]
    counts = [int(share) for share in shares]
    # the largest remainders make up for what rounding down has lost
    rest = sorted(range(len(sizes)), key=lambda place: counts[place] - shares[place])
    for place in rest[: maximum - sum(counts)]:
        counts[place] += 1
    return counts


def draw(subjects: list[str], maximum: int, seed: int, name: str) -> list[int]:
    """At most `maximum` places, of each subject its share, the same ones for every model and as a sample grows."""

    def own_lot(place: int) -> str:
        return lot(seed, f"{name}:{place}")

    by_subject: dict[str, list[int]] = {subject: [] for subject in sorted(set(subjects))}
    for place, subject in enumerate(subjects):
        by_subject[subject].append(place)
    counts = apportion([len(places) for places in by_subject.values()], maximum)
    return sorted(
        place
        for places, count in zip(by_subject.values(), counts, strict=True)
        for place in sorted(places, key=own_lot)[:count]
    )


def subject_of(document: dict[str, Any], otherwise: str) -> str:
    return str(next((document[name] for name in SUBJECTS if document.get(name)), otherwise))


def read_code(folder: Path, name: str) -> list[dict[str, Any]]:
    """Programming tasks in the form of HumanEval. WorkerFailure `data` that names the line."""
    rows = []
    for number, line in enumerate(text_of(name, folder / CODE_FILE).split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            rows.append({key: row[key] for key in ("task_id", "prompt", "entry_point", "test")} | row)
        except (ValueError, KeyError, TypeError) as error:
            raise unfit_file(
                name, CODE_FILE, f"line {number} must have task_id, prompt, entry_point and test ({error!r})"
            ) from error
    return rows
