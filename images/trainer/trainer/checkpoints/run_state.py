"""What a run was begun with, so that a restart goes on with the same or not at all."""

import json
import secrets
from pathlib import Path

from worker.failure import WorkerFailure

FILE = "run.json"
WORDS = {
    "dataset": "the dataset",
    "baseModel": "the base model",
    "precision": "the number format of the machine",
    "method": "the method that fits the machine",
    "optimizer": "training.optimizer",
    "rates": "lora.plusRatio",
}


def claim_run(folder: Path, inputs: dict[str, str]) -> None:
    """Record the inputs of a new run. WorkerFailure `data` when a run was begun with others."""
    file = folder / FILE
    if not file.is_file():
        # each process of a run writes its own: one must not rename that of another
        temporary = file.with_name(f"{FILE}.{secrets.token_hex(4)}.tmp")
        temporary.write_text(json.dumps(inputs, indent=2) + "\n", "utf-8")
        temporary.replace(file)
        return
    begun = json.loads(file.read_text("utf-8"))
    for name, value in inputs.items():
        # what an older version did not write down cannot have changed
        if begun.get(name, value) != value:
            raise WorkerFailure(
                "data",
                "InputsChanged",
                f'{WORDS[name]} changed under this run from "{begun[name]}" to "{value}": start a new run',
            )
