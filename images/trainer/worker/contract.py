"""The JSON Schemas that the operator and the workers share, and the input read through them."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from worker.failure import CONTRACT, WorkerFailure

INPUT = ("DOCTUNE_INPUT", "/etc/doctune/input.json")


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((CONTRACT / f"{name}.schema.json").read_text("utf-8")))


def problem(name: str, value: Any) -> str | None:
    """What is wrong with `value` by the schema `name`, as `field: complaint`; None when it fits."""
    error = best_match(_validator(name).iter_errors(value))
    if error is None:
        return None
    field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
    return f'"{field.removeprefix(".") or name}": {error.message}'[:600]


def read_input(name: str) -> dict[str, Any]:
    """The worker's input file, valid by the schema `name`; WorkerFailure `config` otherwise."""
    return read_input_of(name, Path(os.environ.get(*INPUT)))


def read_input_of(name: str, path: Path) -> dict[str, Any]:
    """An input file, valid by the schema `name`; WorkerFailure `config` otherwise."""
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise WorkerFailure("config", "InvalidInput", f'cannot read the input file "{path}": {error}') from error
    complaint = problem(name, value)
    if complaint:
        raise WorkerFailure("config", "InvalidInput", f"the input does not fit its schema at {complaint}")
    return value
