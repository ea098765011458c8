"""The result of a worker: its termination message, which Kubernetes cuts after 4096 bytes."""

import json
import os
from pathlib import Path
from typing import Any

from worker.contract import problem
from worker.failure import WorkerFailure
from worker.store import Artifact

RESULT = ("DOCTUNE_RESULT", "/dev/termination-log")
MAX_BYTES = 4096
MAX_MESSAGE = 1024


def success(
    schema: str, reason: str, message: str, artifact: Artifact | None, summary: dict[str, Any]
) -> dict[str, Any]:
    """A result that fits the schema and Kubernetes' limit; WorkerFailure `internal` otherwise: it would be lost.

    `artifact` is None for work that publishes nothing.
    """
    result = {
        "version": 1,
        "reason": reason,
        "message": message[:MAX_MESSAGE],
        "exitCode": 0,
        **({} if artifact is None else {"artifact": artifact}),
        "summary": summary,
    }
    complaint = problem(schema, result)
    if complaint is None and len(_encode(result)) > MAX_BYTES:
        complaint = f"it has {len(_encode(result))} bytes, {MAX_BYTES} are allowed"
    if complaint:
        raise WorkerFailure("internal", "InvalidResult", f"the result does not fit the contract: {complaint}")
    return result


def failure(error: WorkerFailure, left: dict[str, Any] | None = None) -> dict[str, Any]:
    """The result of a worker that failed; `left` is what it leaves all the same, as the contract has it."""
    message = error.message.encode()[: 3 * MAX_MESSAGE].decode(errors="ignore")[:MAX_MESSAGE]
    return {"version": 1, "reason": error.reason, "message": message, "exitCode": error.code, **(left or {})}


def write_result(result: dict[str, Any]) -> None:
    """Write it in place: the kubelet mounts the file itself, so it cannot be replaced by a rename."""
    Path(os.environ.get(*RESULT)).write_bytes(_encode(result))


def _encode(result: dict[str, Any]) -> bytes:
    return json.dumps(result, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
