"""The one exception that a worker raises on purpose, and the exit codes it shares with the operator."""

import json
from functools import cache
from pathlib import Path

CONTRACT = Path(__file__).resolve().parent.parent / "contract"


class WorkerFailure(Exception):
    """A failure with a name that the operator knows.

    `kind` is a key of contract/exit-codes.json, `reason` the CamelCase reason of the condition, `message` one
    lower-case sentence that names the field and the remedy.
    """

    def __init__(self, kind: str, reason: str, message: str) -> None:
        super().__init__(message)
        self.code = exit_code(kind)
        self.kind = kind
        self.reason = reason
        self.message = message


def exit_code(kind: str) -> int:
    """Exit code of a kind; KeyError for a kind that the contract does not have."""
    return _table()[kind]["code"]


@cache
def _table() -> dict[str, dict]:
    return json.loads((CONTRACT / "exit-codes.json").read_text("utf-8"))
