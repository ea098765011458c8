"""How long it takes from the start of the process to the end of the first step, and what takes it.

It is told to the log, to the operator and in the result; an artifact holds no times.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

# in their order; what is done in two parts is the sum of both
PHASES = (
    # the interpreter, what is imported before the input is read, and reading it
    "python",
    # dataset, configuration, memory, licence, disk
    "admission",
    # torch, transformers, peft
    "imports",
    "baseModel",
    # rows to batches
    "data",
    # adapter, optimizer, checkpoint
    "adapter",
    # the largest batch, so that memory runs out now or never
    "rehearsal",
    # before the first step
    "validation",
    "firstStep",
)
DIGITS = 2


class StartUp:
    """A stop watch that has run for `age` seconds when it is made. It stops at the end of the first step."""

    def __init__(self, age: float = 0.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = clock() - age
        self._phases: dict[str, float] = {}

    @staticmethod
    def of_process() -> "StartUp":
        return StartUp(process_age())

    @property
    def is_over(self) -> bool:
        return PHASES[-1] in self._phases

    def done(self, phase: str) -> None:
        """All that happened since the last call was this phase. Nothing is added once the first step is done."""
        if self.is_over:
            return
        now = self._clock()
        self._phases[phase] = self._phases.get(phase, 0.0) + now - self._last
        self._last = now

    def seconds(self) -> dict[str, float]:
        """Seconds by phase, in their order."""
        return {phase: round(self._phases[phase], DIGITS) for phase in PHASES if phase in self._phases}

    @property
    def total(self) -> float:
        return round(sum(self._phases.values()), DIGITS)


def process_age(stat: Path = Path("/proc/self/stat")) -> float:
    """Seconds since the kernel started this process, to a hundredth."""
    # the second field is the name of the program, which may hold spaces and brackets itself
    after_name = stat.read_text("utf-8").rpartition(")")[2].split()
    started = int(after_name[19]) / os.sysconf("SC_CLK_TCK")
    return max(0.0, time.clock_gettime(time.CLOCK_BOOTTIME) - started)
