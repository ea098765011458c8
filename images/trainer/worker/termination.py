"""SIGTERM as a flag: work stops between two steps, where it can be resumed."""

import signal
from types import FrameType


class Termination:
    """Turns SIGTERM and SIGINT into `is_requested`, which a worker asks between two steps."""

    def __init__(self) -> None:
        self.is_requested = False

    def install(self) -> "Termination":
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)
        return self

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.is_requested = True
