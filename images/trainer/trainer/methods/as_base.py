"""The model as it was before the training, to be asked the same questions."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from worker.context import ROPE, STRETCHED

if TYPE_CHECKING:
    import torch

    from worker.models import BaseModel


def has_own_base(model: "torch.nn.Module") -> bool:
    """Whether the base weights are unchanged inside the model, so that its adapter can be switched off."""
    configs = getattr(model, "peft_config", None)
    # with scaled positions it is not the base model, whatever its weights
    if not configs or getattr(model.config, STRETCHED, None) == ROPE:
        return False
    return all(getattr(config, "bias", "none") == "none" for config in configs.values())


@contextmanager
def as_base(model: "torch.nn.Module", base: "BaseModel", base_model: dict[str, Any]) -> "Iterator[torch.nn.Module]":
    """Within it the base model; it is loaded once more where the training changed its weights."""
    if has_own_base(model):
        with model.disable_adapter():
            yield model
        return
    from worker.models import load

    device = model.device
    # one of both at a time on an accelerator
    model.to("cpu")
    try:
        template = base.template.name if base.template.marks else "auto"
        yield load(base_model, base.model.dtype, template).model
    finally:
        model.to(device)
