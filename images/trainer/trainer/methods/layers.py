"""How many layers are frozen, and when."""

from collections import Counter

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


def layers_frozen_at(step: int, bottom: int, freeze: Freeze) -> int:
    """Layers still frozen after `step` steps, of `bottom` at the start."""
    by_interval = step // freeze.unfreeze_steps if freeze.unfreeze_steps else 0
    by_stage = sum(layers for after, layers in freeze.unfrozen_at if after <= step)
    return max(0, bottom - by_interval - by_stage)


def steps_by_frozen(steps: int, layers: int, freeze: Freeze) -> Counter[int]:
    """How many of `steps` steps are done with how many of all `layers` frozen."""
    bottom = frozen_layers(layers, freeze)
    return Counter(layers_frozen_at(step, bottom, freeze) for step in range(steps))
