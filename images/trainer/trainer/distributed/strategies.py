"""How several processes share a model, as arguments for transformers; accelerate carries them out. Pure."""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from trainer.methods.names import QLORA
from worker.failure import WorkerFailure

# what processes have a part of, by strategy; the batch of each is its own
SHARED_PARTS = {
    "FSDP2": ("weights", "gradients", "optimizer"),
    "ZeRO1": ("optimizer",),
    "ZeRO2": ("gradients", "optimizer"),
    "ZeRO3": ("weights", "gradients", "optimizer"),
}
SHARDED = tuple(SHARED_PARTS)
SHARDED_WEIGHTS = tuple(name for name, parts in SHARED_PARTS.items() if "weights" in parts)
# optimizers that keep their state in 8 bits
EIGHT_BIT = ("AdamW8bit", "PagedAdamW8bit")


@dataclass(frozen=True)
class Sharing:
    """`strategy` is None for a run of one process, never Auto; `reason` says why it was chosen."""

    strategy: str | None = None
    is_offloaded: bool = False
    reason: str = "one process"

    @property
    def is_sharded(self) -> bool:
        return self.strategy in SHARDED

    @property
    def has_sharded_weights(self) -> bool:
        return self.strategy in SHARDED_WEIGHTS


def is_shareable(value: dict[str, Any], method: str) -> bool:
    """Whether processes can have a part of each weight.

    Not of one in fewer bits, nor with a state in 8 bits, nor where the whole base model is asked beside the tuned one.
    """
    return method != QLORA and value["training"]["optimizer"] not in EIGHT_BIT and not value["training"]["replay"]


def choose(
    value: dict[str, Any], world_size: int, fits: bool | None, can_share: bool = True, has_gpu: bool = True
) -> Sharing:
    """The strategy for a train input. `fits`: whether all of a run fits each GPU; None where that is not known.

    `can_share`: whether `is_shareable`. WorkerFailure `config` for what cannot be.
    """
    asked, is_offloaded = value["distributed"]["strategy"], value["distributed"]["cpuOffload"]
    problem = impossible(asked, value, world_size, has_gpu)
    if problem:
        raise WorkerFailure("config", "UnfitStrategy", f'distributed.strategy "{asked}" {problem}')
    if world_size == 1:
        return Sharing()
    if asked != "Auto":
        return Sharing(asked, is_offloaded, "as asked for")
    if fits is False and can_share:
        return Sharing("FSDP2", False, "a copy of the model does not fit each GPU")
    if fits is False:
        return Sharing("DDP", False, "nor can weights be shared by this method, optimizer or replay")
    if not has_gpu:
        return Sharing("DDP", False, "CPUs have a copy of the model each")
    return Sharing("DDP", False, "a copy fits each GPU" if fits else "what a copy needs of each GPU is not known")


def impossible(asked: str, value: dict[str, Any], world_size: int, has_gpu: bool) -> str | None:
    """What is wrong with a strategy, and the remedy."""
    if asked not in SHARDED:
        return None
    if not has_gpu:
        return 'needs GPUs: use "DDP" or "Auto" on CPUs, or set resources.gpus'
    if world_size == 1:
        return "shares a model between processes, and there is one: raise resources.gpus or resources.nodes"
    if asked.startswith("ZeRO") and find_spec("deepspeed") is None:
        return 'needs DeepSpeed, which this image lacks: use "FSDP2", or an image built as docs/gpu.md says'
    return None


def arguments(sharing: Sharing, settings: Any) -> dict[str, Any]:
    """Arguments for TrainingArguments; `settings` are those of the run."""
    if sharing.strategy == "FSDP2":
        return {"fsdp": True, "fsdp_config": fsdp(sharing)}
    if sharing.is_sharded:
        return {"deepspeed": zero(sharing, settings)}
    return {}


def fsdp(sharing: Sharing) -> dict[str, Any]:
    """Each block of the model is a unit; a checkpoint has whole weights, so any number of processes can go on."""
    return {
        "version": 2,
        "auto_wrap_policy": "TRANSFORMER_BASED_WRAP",
        "reshard_after_forward": True,
        "cpu_offload": sharing.is_offloaded,
        "cpu_ram_efficient_loading": False,
        "state_dict_type": "FULL_STATE_DICT",
    }


def zero(sharing: Sharing, settings: Any) -> dict[str, Any]:
    """DeepSpeed's configuration. transformers checks its numbers against its own."""
    stage = int(sharing.strategy.removeprefix("ZeRO"))
    stage_settings: dict[str, Any] = {"stage": stage, "overlap_comm": True, "contiguous_gradients": True}
    if stage == 3:
        stage_settings["stage3_gather_16bit_weights_on_model_save"] = True
    if sharing.is_offloaded:
        host = {"device": "cpu", "pin_memory": True}
        stage_settings["offload_optimizer"] = host
        if stage == 3:
            stage_settings["offload_param"] = host
    return {
        "zero_optimization": stage_settings,
        # the optimizer is transformers', which DeepSpeed cannot tell from a slow one
        "zero_allow_untested_optimizer": True,
        "bf16": {"enabled": settings.precision == "bf16"},
        "fp16": {"enabled": settings.precision == "fp16"},
        "gradient_clipping": settings.max_gradient_norm,
        "gradient_accumulation_steps": settings.accumulation,
        "train_micro_batch_size_per_gpu": settings.batch_size,
    }
