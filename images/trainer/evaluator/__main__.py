"""`python -m evaluator`: the program of an Evaluation's Job."""

import sys

from evaluator.evaluate import evaluate
from worker.shell import run
from worker.threads import limit_threads

if __name__ == "__main__":
    limit_threads()
    sys.exit(run("evaluate-input", evaluate))
