"""How many attempts a Job has made at an evaluation: the last one has to make do with what there is.

Nothing tells a pod how many came before it, so each writes down in the store that it has begun. One that is stopped
from outside takes that back, as Kubernetes does not count it either; one that is lost without a word stays counted,
since a report too early can be completed, and one that never comes cannot.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from worker.failure import WorkerFailure
from worker.flush import flush
from worker.store import run_folder

FILE = "attempts.json"


@contextmanager
def last_attempt(run: str, allowed: dict[str, Any] | None) -> Iterator[bool]:
    """Whether the attempt within is the last one of its Job. `allowed`: `job` tells the Jobs of a run apart, `most` is
    how many attempts it makes; None where nobody starts another one.
    """
    if allowed is None:
        yield True
        return
    folder = run_folder(run)
    before = _begun(folder, allowed["job"])
    _write(folder, allowed["job"], before + 1)
    try:
        yield before + 1 >= allowed["most"]
    except WorkerFailure as failure:
        if failure.kind in ("preemptedSaved", "preemptedUnsaved"):
            _write(folder, allowed["job"], before)
        raise
    shutil.rmtree(folder)


def _begun(folder: Path, job: str) -> int:
    try:
        told = json.loads((folder / FILE).read_text("utf-8"))
    except FileNotFoundError:
        return 0
    return told["begun"] if told["job"] == job else 0


def _write(folder: Path, job: str, begun: int) -> None:
    new = folder / f"{FILE}.new"
    new.write_text(json.dumps({"job": job, "begun": begun}), "utf-8")
    flush(new)
    new.replace(folder / FILE)
    flush(folder)
