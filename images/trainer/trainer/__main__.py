"""`python -m trainer`: the program of the trainer's Job. With more than one process a run, it starts them and waits."""

import logging
import os
import sys
from functools import partial
from pathlib import Path

from trainer.checkpoints.left import left_by
from trainer.distributed.launch import FOLDER, enter, launch
from trainer.distributed.place import Place
from trainer.recipe import train
from worker.shell import run
from worker.threads import limit_threads

train_alone = partial(train, is_only_run=True)


def run_process(folder: Path) -> None:
    """One of several processes. It ends at once: a peer that is gone must not hold its exit up."""
    enter(folder, os.environ["LOCAL_RANK"])
    if os.environ["RANK"] != "0":
        # one report and one log tell of a run
        os.environ.pop("KUBEFLOW_TRAINER_SERVER_URL", None)
        for name in ("trainer", "checkpoints"):
            logging.getLogger(name).setLevel(logging.WARNING)
    code = run("train-input", train_alone, left_by)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def main() -> int:
    if "--dry-run" in sys.argv:
        from trainer.admission.dry_run import main as dry_run

        limit_threads()
        return dry_run(sys.argv[1:])
    place = Place.from_environment()
    if FOLDER in os.environ:
        run_process(Path(os.environ[FOLDER]))
    if place.world_size > 1:
        return launch(place)
    limit_threads()
    return run("train-input", train_alone, left_by)


if __name__ == "__main__":
    sys.exit(main())
