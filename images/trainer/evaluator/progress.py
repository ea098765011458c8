"""How far an evaluation is: the items of its models, then the questions to a judge."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from worker.progress import Reporter


@dataclass
class Count:
    """Done of a total, what earlier attempts did included, and at which pace since `started`."""

    total: int
    done: int = 0
    first: int = 0
    started: float = 0.0

    def remaining(self, now: float) -> float | None:
        """Seconds until it is done; None before anything was."""
        fresh = self.done - self.first
        return (now - self.started) / fresh * (self.total - self.done) if fresh else None


@dataclass
class Progress:
    """Reports each step. `foreseen` questions to a judge count as part of the whole before they are known, and so do
    the items `later`, of a model that is asked after the others.
    """

    reporter: Reporter
    foreseen: int = 0
    later: int = 0
    clock: Callable[[], float] = time.monotonic
    items: Count = field(default_factory=lambda: Count(0))
    judged: Count | None = None

    def begin_items(self, done: int, total: int) -> None:
        """Items times models times settings; a second time those of `later`."""
        if self.items.total:
            self.items.total += total - self.later
            self.items.done += done
            self.items.first += done
            self.later = 0
        else:
            self.items = Count(total + self.later, done, done, self.clock())
        self._report(self.items)

    def add_items(self, number: int) -> None:
        self.items.done += number
        self._report(self.items)

    def end_items(self) -> None:
        """No more items come, whatever was foreseen."""
        self.later, self.items.total = 0, self.items.done

    def tell_judged(self, done: int, total: int) -> None:
        """Questions that the judge has answered, of how many."""
        if self.judged is None:
            self.judged = Count(total, done, done, self.clock())
        self.judged.done = done
        self._report(self.judged)

    def _report(self, current: Count) -> None:
        metrics = {"items_done": self.items.done, "items_total": self.items.total}
        judged = self.judged or Count(self.foreseen)
        if self.judged:
            metrics |= {"judged_done": judged.done, "judged_total": judged.total}
        done, total = self.items.done + judged.done, self.items.total + judged.total
        self.reporter.post(100 * done / max(1, total), metrics, current.remaining(self.clock()))
