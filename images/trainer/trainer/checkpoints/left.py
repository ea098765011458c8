"""What a run that failed leaves: its newest checkpoint, and the best look at the validation rows until then."""

import json
import math
from typing import Any

from trainer.checkpoints.sealed import CHECKPOINTS, list_checkpoints
from worker.store import run_folder

# of a checkpoint, see trainer.robustness.early_stopping
BEST_FILE = "early_stopping.json"


def left_by(value: dict[str, Any]) -> dict[str, Any]:
    """`lastCheckpoint` and `best` of a termination message, as far as there are any; nothing of a damaged one."""
    try:
        newest = next(iter(list_checkpoints(run_folder(value["run"]["id"]) / CHECKPOINTS)), None)
        if newest is None:
            return {}
        best = json.loads((newest / BEST_FILE).read_text("utf-8"))
        step, loss = best["best_step"], best["best_loss"]
        found = {"best": {"step": step, "loss": loss}} if loss is not None and math.isfinite(loss) else {}
        return {"lastCheckpoint": newest.name, **found}
    except (OSError, ValueError, KeyError):
        # what it failed of is told without it
        return {}
