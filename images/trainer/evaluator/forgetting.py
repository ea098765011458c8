"""Answers that nobody has asked for in a long time go, so that a store does not grow for ever.

Only what can be asked again goes: answers of models and judges. The keys of sheets that people have in hand stay.
"""

import contextlib
import logging
import time
from pathlib import Path

from evaluator.answer_log import last_used, marker_of
from worker.store import store_root

log = logging.getLogger("evaluator")

KINDS = ("samples", "benchmarks", "judge")
# a quarterly loop finds the answers of the quarter before
KEPT_SECONDS = 100 * 24 * 3600


def forget(now: float | None = None) -> int:
    """Remove the logs that were neither written nor of use for so long, and give their number. Never fails a run."""
    latest = (time.time() if now is None else now) - KEPT_SECONDS
    removed = size = 0
    for kind in KINDS:
        for folder in (store_root() / "cache" / "evaluations" / kind).glob("*"):
            for path in folder.glob("*.jsonl"):
                try:
                    if last_used(path) < latest:
                        freed = path.stat().st_size
                        path.unlink()
                        marker_of(path).unlink(missing_ok=True)
                        removed, size = removed + 1, size + freed
                except OSError as error:
                    # another evaluation does the same, or may write where this one may not
                    log.warning("an old log stays", extra={"file": str(path), "error": str(error)})
            _remove_if_empty(folder)
    if removed:
        log.info("forgot what was not used for long", extra={"files": removed, "bytes": size})
    return removed


def _remove_if_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()
