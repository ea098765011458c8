"""Tells how a run goes: to the operator, to progress.jsonl in the run's folder, and to the log."""

import json
import logging
import time
from datetime import UTC, datetime
from pathlib import Path

from transformers import TrainerCallback

from trainer.progress.memory import read_memory
from trainer.progress.meter import Meter
from trainer.progress.startup import StartUp
from trainer.progress.tensorboard import Events
from worker.progress import QUIET_SECONDS, Reporter

log = logging.getLogger("trainer")

FILE = "progress.jsonl"
# the last percent is for the artifact
MAX_PERCENT = 99

# each line of the file has these, null where there is nothing to tell (yet, or on this machine)
FIELDS = (
    *("stage", "epoch", "loss", "eval_loss", "learning_rate", "grad_norm", "tokens", "tokens_per_second"),
    *("mfu", "gpu_utilization", "gpu_memory_bytes", "gpu_memory_peak_bytes"),
)


class ReportCallback(TrainerCallback):
    """Posts the newest metrics at the start, every `every` steps, at each evaluation and at the end.

    `tokens` is a function that gives the number of tokens trained so far in this process, without padding, and
    `checkpoint_seconds` one that tells how long the last checkpoint took; `meter` has figures of the machine, `known`
    goes with every report.
    """

    def __init__(
        self,
        reporter: Reporter,
        folder: Path,
        every: int,
        tokens,
        checkpoint_seconds,
        meter: Meter,
        start_up: StartUp | None = None,
        known: dict[str, float] | None = None,
    ) -> None:
        self._reporter = reporter
        self._file = folder / FILE
        self._every = every
        self._tokens = tokens
        self._checkpoint_seconds = checkpoint_seconds
        self._metrics: dict[str, float] = dict(known or {})
        self._speed = Speed()
        self.meter = meter
        self._start_up = start_up or StartUp()
        self._events = Events(folder)
        self._last_report: tuple[float, dict[str, float], float | None] | None = None
        self._reported_at = time.monotonic()

    def on_train_begin(self, args, state, control, **_) -> None:
        forget_steps_after(self._file, state.global_step)
        self._events.begin(state.log_history)
        self._speed = Speed(state.global_step)
        self._metrics |= {"total_steps": state.max_steps}
        self._report(state)

    def on_log(self, args, state, control, logs=None, **_) -> None:
        self._metrics |= {name: value for name, value in logs.items() if isinstance(value, int | float)}
        self._events.write(state.global_step, logs)
        self._speed.update(state.global_step, self._tokens())
        if self._speed.tokens_per_second is not None:
            self._metrics["tokens_per_second"] = self._speed.tokens_per_second
        if self._start_up.is_over:
            self._metrics["startup_seconds"] = self._start_up.total
        is_due = state.global_step % self._every == 0 or state.global_step in (1, state.max_steps)
        if is_due or "eval_loss" in logs:
            self._report(state)

    def on_save(self, args, state, control, **_) -> None:
        self._metrics |= {"checkpoint_step": state.global_step, "checkpoint_seconds": self._checkpoint_seconds()}

    def on_train_end(self, args, state, control, **_) -> None:
        self._events.close()

    def beat(self) -> None:
        """Called after each batch: says again what is known if that was long ago, so nobody takes it for a hang."""
        if self._last_report and time.monotonic() - self._reported_at >= QUIET_SECONDS:
            self._reported_at = time.monotonic()
            self._reporter.post(*self._last_report)

    @property
    def events(self) -> Events:
        return self._events

    @property
    def tokens_per_second(self) -> float | None:
        return self._speed.tokens_per_second

    def _report(self, state) -> None:
        memory = read_memory()
        machine = {**memory.as_metrics(), **self.meter.metrics(self._speed.tokens_per_second)}
        metrics = {**self._metrics, "step": state.global_step, **machine}
        self._events.write(state.global_step, machine)
        self._events.flush()
        percent = min(MAX_PERCENT, 100 * state.global_step // max(1, state.max_steps))
        remaining = self._speed.remaining_seconds(state.max_steps)
        self._last_report, self._reported_at = (percent, metrics, remaining), time.monotonic()
        self._reporter.post(*self._last_report)
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "remaining_seconds": remaining,
            **dict.fromkeys(FIELDS),
            "gpu_memory_allocated_bytes": memory.allocated,
            "gpu_memory_reserved_bytes": memory.reserved,
            **metrics,
        }
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        log.info("progress", extra=metrics)


class Speed:
    """Steps and tokens per second of this process; the first step, which warms up, is left out of the rate."""

    def __init__(self, step: int = 0) -> None:
        self._first: tuple[int, int, float] | None = None
        self._last = (step, 0, time.monotonic())

    @property
    def tokens_per_second(self) -> float | None:
        first = self._first
        if first is None or self._last[2] <= first[2] or self._last[1] <= first[1]:
            return None
        return (self._last[1] - first[1]) / (self._last[2] - first[2])

    def update(self, step: int, tokens: int) -> None:
        self._last = (step, tokens, time.monotonic())
        self._first = self._first or self._last

    def remaining_seconds(self, total: int) -> float | None:
        if self._first is None or self._last[0] <= self._first[0]:
            return None
        a_step = (self._last[2] - self._first[2]) / (self._last[0] - self._first[0])
        return round(a_step * (total - self._last[0]), 1)


def forget_steps_after(file: Path, step: int) -> None:
    """Drop the lines of steps that a killed attempt did after its last checkpoint: they are done again."""
    if not file.is_file():
        return
    lines = file.read_text("utf-8").splitlines(keepends=True)
    file.write_text("".join(line for line in lines if _step(line) <= step), "utf-8")


def _step(line: str) -> float:
    try:
        return json.loads(line)["step"]
    except ValueError:
        # cut off by a kill
        return float("inf")
