"""Runs the trainer in forks of a process that has imported everything: a run that is killed often starts in no time.

`python -m tests.trainer.nursery` reads lines with the environment of a run as JSON, and says `{"pid": …}` and, when
that process is over, `{"code": …}`. A run tells what it does by lines in the file of the variable EVENTS.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from itertools import chain
from typing import Any

from worker.threads import limit_threads

EVENTS = "DOCTUNE_TEST_EVENTS"


def main() -> None:
    limit_threads()
    # all that a run imports, before there is a thread
    import matplotlib.pyplot  # noqa: F401
    import peft  # noqa: F401

    import trainer.outcome.summary
    import trainer.session  # noqa: F401

    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os.environ |= json.loads(line)
            os._exit(grow())
        tell({"pid": child})
        tell({"code": os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])})


def grow() -> int:
    from trainer.recipe import train
    from worker.shell import run

    # what the test reads is the other lines
    log = os.open(os.environ[EVENTS] + ".log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    watch(os.open(os.environ[EVENTS], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644))
    return run("train-input", train)


def watch(file: int) -> None:
    """Tell of each step with the rows that really went through the model, of losses, and of what else can be killed."""
    import torch

    from trainer.optimization import loop
    from trainer.outcome import summary as outcome
    from trainer.progress import samples

    def event(phase: str, **more: Any) -> None:
        os.write(file, (json.dumps({"phase": phase, **more}) + "\n").encode())

    rows: dict[bytes, list[str]] = {}
    collate, step, loss, log, save = (
        loop.Collator.__call__,
        loop.AnswerTrainer.training_step,
        loop.answer_loss,
        loop.AnswerTrainer.log,
        loop.AnswerTrainer._save_checkpoint,
    )

    def collated(self, lines):
        batch = collate(self, lines)
        # validation rows are not packed
        examples = chain.from_iterable(line if isinstance(line, tuple) else (line,) for line in lines)
        rows[batch["input_ids"].numpy().tobytes()] = [example.row for example in examples]
        return batch

    def stepped(self, model, inputs, number=None):
        if self.is_rehearsing:
            return step(self, model, inputs, number)
        seen = rows[inputs["input_ids"].numpy().tobytes()]
        event("step", step=self.state.global_step + 1, rows=seen)
        return step(self, model, inputs, number)

    def measured(model, batch, *_):
        if not torch.is_grad_enabled():
            event("evaluation")
        return loss(model, batch)

    def logged(self, logs, *rest):
        if "loss" in logs:
            event("loss", step=self.state.global_step, loss=logs["loss"])
        log(self, logs, *rest)

    def before(phase: str, work: Callable) -> Callable:
        def told(*positional, **named):
            event(phase)
            return work(*positional, **named)

        return told

    loop.Collator.__call__ = collated
    loop.AnswerTrainer.training_step = stepped
    loop.answer_loss = measured
    loop.AnswerTrainer.log = logged
    loop.AnswerTrainer._save_checkpoint = before("save", save)
    samples.generate = before("generation", samples.generate)
    outcome.export = before("export", outcome.export)


def tell(value: dict[str, Any]) -> None:
    print(json.dumps(value), flush=True)


if __name__ == "__main__":
    main()
