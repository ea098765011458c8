"""The memory of the accelerators as a method and a strategy can use it, and what to do where it is not enough."""

from dataclasses import dataclass
from typing import Any

from trainer.admission.vram import OPTIMIZERS, Plan, Shape, needed, usable
from trainer.distributed.strategies import EIGHT_BIT, SHARDED, SHARDED_WEIGHTS, is_shareable
from trainer.methods.names import LORA, QLORA, WHOLE
from trainer.methods.settings import Method
from worker.failure import WorkerFailure

GIGABYTE = 1e9


@dataclass(frozen=True)
class Room:
    """Bytes of the accelerators: of one, or of all `gpus` together where a `strategy` shares the model among them."""

    capacity: float
    gpus: int = 1
    strategy: str | None = None

    @property
    def is_shared(self) -> bool:
        return self.strategy in SHARDED

    def __str__(self) -> str:
        has = f"{self.capacity / GIGABYTE:.1f} GB"
        if self.is_shared:
            return f"the {self.gpus} GPUs that share the model have {has} together"
        return f"{'each' if self.gpus > 1 else 'the'} GPU has {has}"


def room_of(capacity: int, gpus: int, strategy: str | None) -> Room:
    """That of so many GPUs of `capacity` bytes each."""
    return Room(usable([capacity] * gpus) if strategy in SHARDED else capacity, gpus, strategy)


def largest_room(value: dict[str, Any], method: str, capacity: float, gpus: int) -> float:
    """Bytes that a run can use at the most, by the strategies that its input, method and optimizer leave it."""
    strategy = value["distributed"]["strategy"]
    is_shared = strategy in SHARDED or strategy == "Auto" and is_shareable(value, method)
    return usable([capacity] * gpus) if is_shared else capacity


def is_quantizable(strategy: str | None) -> bool:
    """Whether processes can share as the strategy says what they hold in fewer bits."""
    return strategy not in SHARDED_WEIGHTS


def does_fit(shape: Shape, plan: Plan, capacity: float) -> bool:
    return needed(shape, plan) <= capacity


def check_memory(shape: Shape, plan: Plan, room: Room, method: Method) -> float:
    """Bytes that the run is estimated to need; WorkerFailure `config` if there are fewer."""
    bytes_needed = needed(shape, plan)
    if bytes_needed <= room.capacity:
        return bytes_needed
    raise WorkerFailure(
        "config",
        "DoesNotFit",
        f"the run is estimated to need {bytes_needed / GIGABYTE:.1f} GB, and {room}: "
        f"{', or '.join(remedies(plan, room, method))}, or choose a GPU with more memory or a smaller baseModel",
    )


def remedies(plan: Plan, room: Room, method: Method) -> list[str]:
    """What takes less memory, the cheapest first, without what the method or the sharing of the model rules out."""
    is_whole, is_quantized = method.name in WHOLE, method.quantization is not None
    has_eight_bits = plan.optimizer in {OPTIMIZERS[name] for name in EIGHT_BIT}
    smaller = [LORA] if is_whole else []
    if is_quantizable(room.strategy) and not is_quantized:
        smaller.append(QLORA)
    sizes = [*(["training.perDeviceBatchSize"] if plan.batch > 1 else []), "training.maxLength"]
    shared = 'distributed.strategy to "FSDP2"' + (' with training.optimizer "AdamW"' if has_eight_bits else "")
    found = {
        "set training.gradientCheckpointing": not plan.is_checkpointed,
        # the state of an adapter's is small
        'set training.optimizer to "AdamW8bit"': is_whole and not room.is_shared and not has_eight_bits,
        f"set {shared}": room.gpus > 1 and not room.is_shared and not is_quantized,
        "set method to " + " or ".join(f'"{name}"' for name in smaller): bool(smaller),
        "set quantization.bits to 4": is_quantized and plan.bits > 4,
        f"lower {' or '.join(sizes)}": True,
    }
    return [remedy for remedy, is_left in found.items() if is_left]
