"""Whether a run fits its accelerator, asked before any weight is loaded."""

from typing import Any

from trainer.vram import Plan, needed, shape_of
from worker.failure import WorkerFailure

GIGABYTE = 1e9


def plan_of(value: dict[str, Any], precision: str) -> Plan:
    """What the memory of a train input depends on. All linear layers are assumed to be trained, which errs upwards."""
    training = value["training"]
    return Plan(
        method="lora",
        length=training["maxLength"],
        batch=training["perDeviceBatchSize"],
        rank=value["lora"]["rank"],
        is_checkpointed=training["gradientCheckpointing"],
        weight_bytes=2 if precision == "bf16" else 4,
    )


def does_fit(config: Any, plan: Plan, capacity: int) -> bool:
    return needed(shape_of(config), plan) <= capacity


def check_memory(config: Any, plan: Plan, capacity: int) -> float:
    """Bytes that the run is estimated to need; WorkerFailure `config` if the device has fewer (`capacity`)."""
    bytes_needed = needed(shape_of(config), plan)
    if bytes_needed <= capacity:
        return bytes_needed
    remedies = ["lower training.perDeviceBatchSize or training.maxLength"]
    if not plan.is_checkpointed:
        remedies.insert(0, "set training.gradientCheckpointing")
    raise WorkerFailure(
        "config",
        "DoesNotFit",
        f"the run is estimated to need {bytes_needed / GIGABYTE:.1f} GB, and the GPU has {capacity / GIGABYTE:.1f} GB: "
        f"{', or '.join(remedies)}, or choose a GPU with more memory or a smaller baseModel",
    )
