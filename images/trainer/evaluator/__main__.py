"""`python -m evaluator`: the program of an Evaluation's Job."""

import sys

from evaluator.evaluate import evaluate
from worker.shell import run

if __name__ == "__main__":
    sys.exit(run("evaluate-input", evaluate))
