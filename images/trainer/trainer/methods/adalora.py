"""AdaLoRA: ranks go where they matter, from more than there will be in the end."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transformers import TrainerCallback

from trainer.methods.lora import adapter_arguments
from trainer.methods.settings import Method
from trainer.methods.targets import check_modules, check_targets
from trainer.methods.trained import trained_parameters

if TYPE_CHECKING:
    import torch
    from peft import PeftModel
    from transformers import PreTrainedModel

# shares of the run: ranks are kept at first, so that their scores mean something, and are fixed in the end
WARMUP_SHARE, FINAL_SHARE = 0.1, 0.3
# times that ranks are taken, at the most
ALLOCATIONS = 100

WEIGHTS_FILE = "adalora.safetensors"
PATTERN_FILE = "adalora.json"
SCORES = ("ipt", "exp_avg_ipt", "exp_avg_unc")


def apply_adalora(model: "PreTrainedModel", method: Method, total_steps: int) -> "PeftModel":
    """Add an adapter that begins with `method.initial_rank` and comes down to an average of `method.lora.rank`."""
    from peft import AdaLoraConfig, get_peft_model

    check_targets(model, method.lora.target_modules)
    check_modules(model, method.lora.modules_to_save)
    config = AdaLoraConfig(
        **adapter_arguments(model, method.lora),
        **schedule(total_steps),
        target_r=method.lora.rank,
        init_r=method.initial_rank,
    )
    return get_peft_model(model, config)


def schedule(total_steps: int) -> dict[str, int]:
    """When ranks are taken, in steps, as peft names it."""
    return {
        "total_step": total_steps,
        "tinit": int(WARMUP_SHARE * total_steps),
        "tfinal": int(FINAL_SHARE * total_steps),
        "deltaT": max(1, total_steps // ALLOCATIONS),
    }


def orthogonality(model: "PeftModel") -> "torch.Tensor":
    """How far the matrices A and B of all layers are from orthogonal: the mean of |P P' - I|, times peft's weight."""
    import torch

    distances = []
    for name, weight in model.named_parameters():
        if "lora_A" in name or "lora_B" in name:
            product = weight @ weight.T if "lora_A" in name else weight.T @ weight
            distances.append(torch.norm(product - torch.eye(len(product), out=torch.empty_like(product)), p="fro"))
    return model.peft_config["default"].orth_reg_weight * sum(distances) / len(distances)


def keep_all_ranks(model: "PeftModel") -> None:
    """Have the adapter written with all its ranks: those taken at the end may count in the best weights of the run."""
    model.peft_config["default"].rank_pattern = None


class AdaLoraCallback(TrainerCallback):
    """Keeps the matrices orthogonal and takes ranks, once a step; saves what a resumed run needs for that."""

    def __init__(self, model: "PeftModel", is_step_skipped: Callable[[], bool]) -> None:
        self.model = model
        self.is_step_skipped = is_step_skipped

    def on_pre_optimizer_step(self, args, state, control, **_) -> None:
        # here and not in the loss, which is to be compared with that of other methods
        if not self.is_step_skipped():
            orthogonality(self.model).backward()

    def on_optimizer_step(self, args, state, control, **_) -> None:
        config = self.model.peft_config["default"]
        is_scored = state.global_step < config.total_step - config.tfinal
        # scores come from gradients, and a step that is left out has none
        if not (is_scored and self.is_step_skipped()):
            self.model.base_model.update_and_allocate(state.global_step)

    def save(self, folder: Path) -> None:
        """Weights of all ranks, those taken included: peft's own file leaves them out, and the optimizer has them."""
        from safetensors.torch import save_file

        allocator = self.model.base_model.rankallocator
        scores = {f"{kind}/{name}": score for kind in SCORES for name, score in getattr(allocator, kind).items()}
        weights = {f"weight/{name}": weight.detach() for name, weight in trained_parameters(self.model)}
        save_file({name: value.contiguous() for name, value in (scores | weights).items()}, folder / WEIGHTS_FILE)
        pattern = self.model.peft_config["default"].rank_pattern
        (folder / PATTERN_FILE).write_text(json.dumps(pattern), "utf-8")

    def load(self, folder: Path) -> None:
        """Take up what `save` left in a checkpoint."""
        from safetensors.torch import load_file

        saved = load_file(folder / WEIGHTS_FILE)
        for name, weight in trained_parameters(self.model):
            weight.data.copy_(saved[f"weight/{name}"])
        allocator = self.model.base_model.rankallocator
        for kind in SCORES:
            setattr(allocator, kind, _scores(saved, kind, self.model.device))
        self.model.peft_config["default"].rank_pattern = json.loads((folder / PATTERN_FILE).read_text("utf-8"))


def _scores(saved: "dict[str, torch.Tensor]", kind: str, device: Any) -> "dict[str, torch.Tensor]":
    prefix = f"{kind}/"
    return {name.removeprefix(prefix): value.to(device) for name, value in saved.items() if name.startswith(prefix)}
