"""How many layers are frozen, and when."""

from trainer.methods.settings import Freeze
from worker.failure import WorkerFailure


def frozen_layers(layers: int, freeze: Freeze) -> int:
    """Layers that are frozen at the start, of all `layers`."""
    bottom = layers // 2 if freeze.layers is None else freeze.layers
    if bottom >= layers:
        raise WorkerFailure(
            "config",
            "NothingToTrain",
            f"freeze.layers is {bottom} and the base model has {layers} layers: give {layers - 1} or fewer",
        )
    return bottom


def layers_frozen_at(step: int, bottom: int, every: int | None) -> int:
    """Layers still frozen after `step` steps, of `bottom` at the start: one less for each whole interval."""
    return bottom if every is None else max(0, bottom - step // every)
