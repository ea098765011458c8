"""`python -m trainer`: the program of the trainer's Job."""

import sys

from trainer.recipe import train
from worker.shell import run

if __name__ == "__main__":
    sys.exit(run("train-input", train))
