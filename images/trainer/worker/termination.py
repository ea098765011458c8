"""SIGTERM as a flag: work stops between two steps, or at once where there is nothing to save."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

# seconds from SIGTERM to SIGKILL, as the operator sets them for the pod
GRACE = ("DOCTUNE_GRACE_SECONDS", "120")
# the rest is for the result and for the end of the process
OWN_SHARE = 0.8


class Interrupted(BaseException):
    """SIGTERM came within `interruptible`. No Exception, which whoever is interrupted could take for one of its own."""


class Termination:
    """Turns SIGTERM and SIGINT into `is_requested`, which a worker asks between two steps.

    `is_saved` is for the worker to tell that it can be resumed. A worker that has not ended shortly before the grace
    period does is ended by `on_overtime`, which is given `is_saved`.
    """

    def __init__(self, on_overtime: Callable[[bool], None] | None = None) -> None:
        self.is_requested = False
        self.is_saved = False
        self._is_interruptible = False
        self._on_overtime = on_overtime

    def install(self) -> "Termination":
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)
        return self

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Work within is given up at once by `Interrupted`, wherever it is: all of it can be done again."""
        self._is_interruptible = True
        try:
            if self.is_requested:
                raise Interrupted
            yield
        finally:
            self._is_interruptible = False

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        if not self.is_requested and self._on_overtime:
            seconds = OWN_SHARE * float(os.environ.get(*GRACE))
            timer = threading.Timer(seconds, lambda: self._on_overtime(self.is_saved))
            timer.daemon = True
            timer.start()
        self.is_requested = True
        if self._is_interruptible:
            # once is enough: what cleans up must not be interrupted
            self._is_interruptible = False
            raise Interrupted
