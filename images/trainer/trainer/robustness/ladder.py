"""What to give up, one thing after the other, when an accelerator has too little memory: the cheapest first.

Each rung keeps what is learnt from what in each step. Host memory has no ladder: the kernel kills without asking.
"""

from trainer.methods.names import QLORA, RANKED, WHOLE
from trainer.robustness.interventions import Intervention, Kind
from trainer.settings import Settings


def next_rung(settings: Settings) -> Kind | None:
    """The next thing to give up; None when there is nothing left that may be."""
    if not settings.is_memory_adapted:
        return None
    if settings.batch_size > 1:
        return "MicroBatch"
    return None if settings.is_gradient_checkpointing else "GradientCheckpointing"


def complaint(settings: Settings, done: list[Intervention], cause: str) -> str:
    """The message of a run that comes to the end of the ladder."""
    tried = [each.kind for each in done if each.kind != "RollBack"]
    name = settings.method.name
    fields = "training.maxLength or lora.rank" if name in RANKED else "training.maxLength"
    remedy = f"lower {fields}, or choose a GPU with more memory or a smaller baseModel"
    if name != QLORA:
        smaller = '"LoRA"' if name in WHOLE else '"QLoRA"'
        remedy = f"set method to {smaller}, {remedy}"
    if settings.world_size > 1 and name != QLORA and not settings.sharing.has_sharded_weights:
        remedy = f'set distributed.strategy to "FSDP2", {remedy}'
    if not settings.is_memory_adapted:
        remedy = f'set outOfMemory.policy to "Adapt", {remedy}'
    given_up = f", also with {', '.join(tried)}" if tried else ""
    return f"the accelerator has not enough memory{given_up}: {remedy}: {cause}"
