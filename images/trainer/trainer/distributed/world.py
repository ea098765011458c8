"""A run that goes on with another number of processes: the same rows a step, or not at all."""

import json
from pathlib import Path
from typing import Any

from worker.failure import WorkerFailure

FILE = "world.json"


def keep_rows_a_step(
    folder: Path, value: dict[str, Any], world_size: int, strategy: str | None, is_main: bool
) -> dict[str, Any]:
    """The train input with batches of as many rows a step as the run was begun with, whoever makes them now.

    Those of a new run are written down by the main process. WorkerFailure `config` when the processes cannot share that
    many rows evenly. Before anything is counted in steps: how many there are follows from the rows in each.
    """
    training = value["training"]
    batch_size = training["perDeviceBatchSize"]
    rows_a_step = batch_size * training["gradientAccumulationSteps"] * world_size
    file = folder / FILE
    try:
        begun = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        if is_main:
            temporary = file.with_suffix(".tmp")
            temporary.write_text(json.dumps({"processes": world_size, "rowsAStep": rows_a_step}) + "\n", "utf-8")
            temporary.replace(file)
        return value
    if begun["processes"] != world_size and (strategy or "").startswith("ZeRO"):
        raise WorkerFailure(
            "config",
            "WorldSizeChanged",
            f"the run was begun by {begun['processes']} processes, and a checkpoint of DeepSpeed fits no other number: "
            "set resources.gpus and resources.nodes as they were",
        )
    if begun["rowsAStep"] == rows_a_step:
        return value
    fitted = fit(begun["rowsAStep"], batch_size, world_size)
    if fitted is None:
        raise WorkerFailure(
            "config",
            "WorldSizeChanged",
            f"the run was begun by {begun['processes']} processes with {begun['rowsAStep']} rows a step, which "
            f"{world_size} processes cannot share evenly: set resources.gpus and resources.nodes as they "
            "were, or begin a new run by changing training.perDeviceBatchSize",
        )
    batches = dict(zip(("perDeviceBatchSize", "gradientAccumulationSteps"), fitted, strict=True))
    return {**value, "training": {**training, **batches}}


def fit(rows: int, batch_size: int, processes: int) -> tuple[int, int] | None:
    """(batch size, accumulation) that make `rows` rows a step, with batches no larger than `batch_size`."""
    share, rest = divmod(rows, processes)
    if rest:
        return None
    size = next(size for size in range(min(batch_size, share), 0, -1) if share % size == 0)
    return size, share // size
