"""`python -m trainer`: the program of the trainer's Job."""

import sys

from trainer.recipe import train
from worker.shell import run
from worker.threads import limit_threads

if __name__ == "__main__":
    limit_threads()
    sys.exit(run("train-input", train))
