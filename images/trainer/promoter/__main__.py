"""`python -m promoter`: the program of the Job that moves the tag of an Evaluation."""

import sys

from promoter.tag import promote
from worker.shell import run

if __name__ == "__main__":
    sys.exit(run("tag-input", promote))
