"""A pace that an endpoint allows: so many units a minute, requests or tokens, as the worker for datasets keeps it."""

import math
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

# what may be used at once, as part of what a minute allows: providers count seconds too
BURST = 1 / 12
# an estimate for want of the endpoint's tokenizer: Chinese, Japanese and Korean characters are about a word each
WIDE = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")
LATIN_WIDTH, WIDE_WIDTH = 4, 1.5


def estimated_tokens(messages: list[dict[str, str]]) -> int:
    """About how many tokens a conversation has."""
    text = "\n".join(message["content"] for message in messages)
    wide = len(WIDE.findall(text))
    return math.ceil(wide / WIDE_WIDTH + (len(text) - wide) / LATIN_WIDTH)


@dataclass
class Pace:
    """Never gives more than `per_minute` within any minute, the first one included; None gives whatever is wanted."""

    per_minute: float | None
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _level: float = 0.0
    _filled_at: float = 0.0
    # one waits, and the others behind it
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._level, self._filled_at = self._capacity, self.now()

    def take(self, units: float) -> None:
        """Wait until so many units may be used."""
        if self.per_minute is None:
            return
        with self._turn:
            # more than fits may be taken from a full bucket, which then owes it
            while (lacking := self._take(units, min(units, self._capacity))) > 0:
                self.sleep(math.ceil(1000 * lacking / self._per_second) / 1000)

    def correct(self, taken: float, used: float) -> None:
        """Put what was really used in the place of what was taken."""
        if self.per_minute is not None:
            with self._lock:
                self._fill()
                self._level = min(self._capacity, self._level + taken - used)

    @property
    def _capacity(self) -> float:
        return max(1.0, (self.per_minute or 0) * BURST)

    @property
    def _per_second(self) -> float:
        return ((self.per_minute or 0) - self._capacity + 1) / 60

    def _take(self, units: float, needed: float) -> float:
        """What is lacking; 0 if the units were taken."""
        with self._lock:
            self._fill()
            if self._level < needed:
                return needed - self._level
            self._level -= units
            return 0.0

    def _fill(self) -> None:
        now = self.now()
        self._level = min(self._capacity, self._level + (now - self._filled_at) * self._per_second)
        self._filled_at = now
