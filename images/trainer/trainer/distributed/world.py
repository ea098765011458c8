"""A run that goes on with another number of processes: the same rows a step, or not at all."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from worker.failure import WorkerFailure

if TYPE_CHECKING:
    from trainer.settings import Settings

FILE = "world.json"


def keep_rows_a_step(folder: Path, settings: "Settings", is_main: bool) -> "Settings":
    """Settings with as many rows a step as the run was begun with; those of a new run are written down by the main one.

    WorkerFailure `config` when the processes cannot share that many rows evenly.
    """
    file = folder / FILE
    try:
        begun = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        if is_main:
            temporary = file.with_suffix(".tmp")
            temporary.write_text(
                json.dumps({"processes": settings.world_size, "rowsAStep": settings.rows_a_step}) + "\n", "utf-8"
            )
            temporary.replace(file)
        return settings
    is_another = begun["processes"] != settings.world_size
    if is_another and (settings.sharing.strategy or "").startswith("ZeRO"):
        raise WorkerFailure(
            "config",
            "WorldSizeChanged",
            f"the run was begun by {begun['processes']} processes, and a checkpoint of DeepSpeed fits no other number: "
            "set resources.gpus and resources.nodes as they were",
        )
    if begun["rowsAStep"] == settings.rows_a_step:
        return settings
    fitted = fit(begun["rowsAStep"], settings.batch_size, settings.world_size)
    if fitted is None:
        raise WorkerFailure(
            "config",
            "WorldSizeChanged",
            f"the run was begun by {begun['processes']} processes with {begun['rowsAStep']} rows a step, which "
            f"{settings.world_size} processes cannot share evenly: set resources.gpus and resources.nodes as they "
            "were, or begin a new run by changing training.perDeviceBatchSize",
        )
    batch_size, accumulation = fitted
    return replace(settings, batch_size=batch_size, accumulation=accumulation)


def fit(rows: int, batch_size: int, processes: int) -> tuple[int, int] | None:
    """(batch size, accumulation) that make `rows` rows a step, with batches no larger than `batch_size`."""
    share, rest = divmod(rows, processes)
    if rest:
        return None
    size = next(size for size in range(min(batch_size, share), 0, -1) if share % size == 0)
    return size, share // size
