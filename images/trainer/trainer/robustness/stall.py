"""Ends a process that has come to a standstill, so that it is started again: nothing else would."""

import faulthandler
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType

from worker.failure import WorkerFailure
from worker.result import failure, write_result

log = logging.getLogger("trainer")


class StallWatch:
    """Calls `on_stall(seconds)` from a thread of its own when `beat` was not called for so long; within `with` only."""

    def __init__(self, seconds: float, on_stall: Callable[[float], None] | None = None) -> None:
        self.seconds = seconds
        self._on_stall = on_stall or end_stalled
        # whoever else wants to know that a batch has come to its end
        self.on_beat: Callable[[], None] = lambda: None
        self._last = time.monotonic()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stall", daemon=True)

    def beat(self) -> None:
        self._last = time.monotonic()
        self.on_beat()

    def __enter__(self) -> "StallWatch":
        self.beat()
        self._thread.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_over.wait(max(0.01, self._last + self.seconds - time.monotonic())):
            if time.monotonic() - self._last >= self.seconds:
                self._on_stall(self.seconds)
                return


def end_stalled(seconds: float) -> None:
    """Show where all threads are, and end with a code that is worth another try."""
    known = WorkerFailure(
        "internal",
        "Stalled",
        f"no batch came to its end for {seconds:g} s, the log shows where it stood: it is started again from the last "
        "checkpoint; raise watchdog.stallSeconds if a batch takes that long",
    )
    log.error(known.message, extra={"reason": known.reason, "exitCode": known.code})
    faulthandler.dump_traceback(sys.__stderr__, all_threads=True)
    write_result(failure(known))
    os._exit(known.code)
