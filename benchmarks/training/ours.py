"""The trainer as its Job runs it, looked at from outside: `ours.py FIGURES`."""

import sys
from pathlib import Path

from steps import Steps
from trainer.__main__ import main
from worker.progress import Reporter

steps, seen = Steps(), {0}
post = Reporter.post


def posted(self, percent, metrics, remaining=None):
    """Each step has a report; one that comes again, with figures of validation rows or a checkpoint, counts once."""
    post(self, percent, metrics, remaining)
    if metrics.get("step", 0) not in seen:
        seen.add(metrics["step"])
        steps.done(metrics["tokens"])


if __name__ == "__main__":
    Reporter.post = posted
    code = main()
    if code == 0:
        steps.write(Path(sys.argv[1]))
    sys.exit(code)
