"""Whether what a run will write has room in the store, asked before any weight is loaded."""

import logging
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from trainer.admission.vram import Plan, Shape, parameters, trained_parameters
from trainer.exports.wanted import Wanted
from trainer.methods.conversion import OWN_START
from worker.failure import WorkerFailure

log = logging.getLogger("trainer")

GIGABYTE = 1e9
# of a trained parameter: itself, the two moments of its optimizer, and the best weights so far, all in fp32
CHECKPOINT_BYTES = 4 + 8 + 4
# tokenizer, state and log of each checkpoint
CHECKPOINT_SLACK = 32 << 20
# of a parameter in each kind of file, with the scales of its block
GGUF_BYTES = {"f16": 2, "q8_0": 34 / 32, "q5_1": 24 / 32, "q5_0": 22 / 32, "q4_1": 20 / 32, "q4_0": 18 / 32}
MERGED_BYTES, TRACED_BYTES, WHOLE_BYTES = 2, 4, 4
# file systems keep some for themselves
SAFETY = 1.05


@dataclass(frozen=True)
class Space:
    """Bytes that a run comes to hold in the store at the most, while it publishes."""

    checkpoints: float
    artifact: float
    exports: float

    @property
    def total(self) -> float:
        return self.checkpoints + self.artifact + self.exports

    def as_dict(self) -> dict[str, int]:
        return {name: round(value) for name, value in asdict(self).items()}


def space_of(value: dict[str, Any], shape: Shape, plan: Plan) -> Space:
    """What a train input will write, for a model of this shape."""
    all_parameters = sum(parameters(shape))
    trained = trained_parameters(shape, plan)
    wanted = Wanted.of(value)
    # an adapter that is published as the difference from its start has the start in it too
    doubled = 2 if value["lora"]["init"] in OWN_START else 1
    # the newest is whole before the oldest goes
    kept = value["checkpoint"]["keep"] + 1
    a_parameter = (
        MERGED_BYTES * wanted.is_merged
        + sum(GGUF_BYTES[kind] for kind in wanted.gguf)
        + TRACED_BYTES * (wanted.is_onnx + wanted.is_torch_script)
    )
    return Space(
        checkpoints=kept * (CHECKPOINT_BYTES * trained + CHECKPOINT_SLACK),
        artifact=WHOLE_BYTES * (all_parameters if plan.method == "full" else doubled * trained),
        exports=all_parameters * a_parameter,
    )


def check_disk(space: Space, store: Path, written: float = 0) -> None:
    """WorkerFailure `disk` if the store has less room than the run needs beyond the bytes that it has `written`."""
    needed = SAFETY * space.total - written
    free = shutil.disk_usage(store).free
    if needed <= free:
        return
    parts = {"checkpoints": space.checkpoints, "the adapter or model": space.artifact, "exports": space.exports}
    told = ", ".join(f"{name} {size / GIGABYTE:.1f}" for name, size in parts.items() if size)
    remedies = ["enlarge the claim or free space in it", "lower checkpoint.keep"]
    if space.exports:
        remedies.append("leave exports out of output")
    raise WorkerFailure(
        "disk",
        "NotEnoughDisk",
        f"the run will write {needed / GIGABYTE:.1f} GB to the store ({told}), which has {free / GIGABYTE:.1f} GB "
        f"free: {', or '.join(remedies)}",
    )


def bytes_below(folder: Path) -> int:
    """What lies in a folder; 0 if it is not there."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
