"""Every model is asked every benchmark."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from evaluator.benchmarks.coding import run_coding
from evaluator.benchmarks.harness import Score, run_tasks
from evaluator.benchmarks.tasks import Benchmark
from evaluator.broken import broken
from evaluator.candidates import Contestant, Lineup
from worker.failure import WorkerFailure
from worker.termination import Termination


@dataclass
class Asked:
    """The scores of every model in `benchmarks`; what one model cannot be asked is in none, and has a note."""

    benchmarks: list[Benchmark]
    scores: dict[str, list[Score]] = field(default_factory=dict)
    notes: list[dict[str, str]] = field(default_factory=list)

    def leave_out(self, benchmark: Benchmark, failure: WorkerFailure) -> None:
        self.benchmarks = [each for each in self.benchmarks if each.name != benchmark.name]
        self.scores = {
            name: [score for score in side if score.benchmark != benchmark.name] for name, side in self.scores.items()
        }
        message = f'"{benchmark.name}" is left out: {failure.message}'
        self.notes.append({"candidate": "benchmarks", "reason": failure.reason, "message": message})


# of the machine or of a model, whatever the benchmark: all else is worth a report
LEAVES_OUT = ("BenchmarkUnsupported", "SandboxUnavailable")


def ask_benchmarks(
    benchmarks: list[Benchmark], lineup: Lineup, batch_size: int, seed: int, termination: Termination
) -> Asked:
    """Ask every model; each is loaded once, and only if it has something to answer."""
    asked = Asked(benchmarks)
    for contestant in lineup.contestants:
        asked.scores[contestant.name] = []
        _ask(asked, contestant, batch_size, seed, termination)
    for model, scores in asked.scores.items():
        for benchmark in asked.benchmarks:
            values = [score.value for score in scores if score.benchmark == benchmark.name]
            asked.notes += broken(model, f'the benchmark "{benchmark.name}"', values)
    return asked


def _ask(asked: Asked, contestant: Contestant, batch_size: int, seed: int, termination: Termination) -> None:
    with ExitStack() as stack:
        held: list[Any] = []

        def opened() -> Any:
            if not held:
                held.append(stack.enter_context(contestant.opened()))
            return held[0]

        for benchmark in asked.benchmarks:
            ask = run_coding if benchmark.is_code else run_tasks
            try:
                asked.scores[contestant.name] += ask(benchmark, contestant, opened, batch_size, seed, termination)
            except WorkerFailure as failure:
                if failure.reason not in LEAVES_OUT:
                    raise
                asked.leave_out(benchmark, failure)
