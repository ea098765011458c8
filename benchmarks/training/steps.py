"""What a training does at the end of each step: the same figures for every arm."""

import json
import resource
import time
from pathlib import Path

from trainer.progress.startup import process_age


class Steps:
    """The first step is where the figures of speed begin: it warms up."""

    def __init__(self) -> None:
        self._steps: list[tuple[int, float, float]] = []
        self._start: float | None = None

    def done(self, tokens: int) -> None:
        """A step is over, with so many tokens since the start of the training, padding left out."""
        if self._start is None:
            self._start = process_age()
        self._steps.append((tokens, time.monotonic(), time.process_time()))
        # counted by Linux in KiB
        self._peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

    def write(self, file: Path) -> None:
        (first, began, worked), (last, ended, working) = self._steps[0], self._steps[-1]
        figures = {
            "steps": len(self._steps),
            "allTokens": last,
            "tokens": last - first,
            "seconds": ended - began,
            "processorSeconds": working - worked,
            "peakBytes": self._peak,
            "startSeconds": self._start,
        }
        file.write_text(json.dumps(figures), "utf-8")
