"""The memory of the accelerators as a method and a strategy can use it, and what to do where it is not enough."""

from dataclasses import dataclass
from typing import Any

from trainer.admission.vram import OPTIMIZERS, Plan, Shape, needed
from trainer.distributed.strategies import EIGHT_BIT, SHARDED_WEIGHTS, Sharing, is_shareable
from trainer.methods.names import LORA, QLORA, WHOLE
from trainer.methods.settings import Method
from worker.failure import WorkerFailure

GIGABYTE = 1e9


@dataclass(frozen=True)
class Room:
    """`gpus` accelerators of `capacity` bytes each, and how their processes share the model."""

    capacity: float
    gpus: int = 1
    sharing: Sharing = Sharing()

    def __str__(self) -> str:
        has = f"{self.capacity / GIGABYTE:.1f} GB"
        if self.sharing.is_sharded:
            return f"each of the {self.gpus} GPUs that share the model has {has}"
        return f"{'each' if self.gpus > 1 else 'the'} GPU has {has}"


def rooms_of(value: dict[str, Any], method: str, capacity: float, gpus: int) -> list[Room]:
    """The ways in which a run may use its GPUs, the best first, as its input, method and optimizer leave them."""
    strategy, is_offloaded = value["distributed"]["strategy"], value["distributed"]["cpuOffload"]
    if strategy != "Auto":
        return [Room(capacity, gpus, Sharing(strategy, is_offloaded))]
    # processes with a copy each need not send each other weights
    copies = Room(capacity, gpus, Sharing("DDP"))
    return [copies, Room(capacity, gpus, Sharing("FSDP2"))] if is_shareable(value, method) else [copies]


def is_quantizable(strategy: str | None) -> bool:
    """Whether processes can share as the strategy says what they hold in fewer bits."""
    return strategy not in SHARDED_WEIGHTS


def does_fit(shape: Shape, plan: Plan, room: Room) -> bool:
    return needed(shape, plan, room.sharing, room.gpus) <= room.capacity


def check_memory(shape: Shape, plan: Plan, room: Room, method: Method) -> float:
    """Bytes that the run is estimated to need on each GPU; WorkerFailure `config` if there are fewer."""
    bytes_needed = needed(shape, plan, room.sharing, room.gpus)
    if bytes_needed <= room.capacity:
        return bytes_needed
    where = " on each GPU" if room.gpus > 1 else ""
    raise WorkerFailure(
        "config",
        "DoesNotFit",
        f"the run is estimated to need {bytes_needed / GIGABYTE:.1f} GB{where}, and {room}: "
        f"{', or '.join(remedies(plan, room, method))}, or choose a GPU with more memory or a smaller baseModel",
    )


def remedies(plan: Plan, room: Room, method: Method) -> list[str]:
    """What takes less memory, the cheapest first, without what the method or the sharing of the model rules out."""
    is_whole, is_quantized = method.name in WHOLE, method.quantization is not None
    has_eight_bits = plan.optimizer in {OPTIMIZERS[name] for name in EIGHT_BIT}
    smaller = [LORA] if is_whole else []
    if is_quantizable(room.sharing.strategy) and not is_quantized:
        smaller.append(QLORA)
    sizes = [*(["training.perDeviceBatchSize"] if plan.batch > 1 else []), "training.maxLength"]
    shared = 'distributed.strategy to "FSDP2"' + (' with training.optimizer "AdamW"' if has_eight_bits else "")
    found = {
        "set training.gradientCheckpointing": not plan.is_checkpointed,
        # the state of an adapter's is small
        'set training.optimizer to "AdamW8bit"': is_whole and not room.sharing.is_sharded and not has_eight_bits,
        f"set {shared}": room.gpus > 1 and not room.sharing.has_sharded_weights and not is_quantized,
        "set method to " + " or ".join(f'"{name}"' for name in smaller): bool(smaller),
        "set quantization.bits to 4": is_quantized and plan.bits > 4,
        f"lower {' or '.join(sizes)}": True,
    }
    return [remedy for remedy, is_left in found.items() if is_left]
