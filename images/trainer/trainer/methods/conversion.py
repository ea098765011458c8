"""Adapters that began elsewhere than at nothing, made into ones for the base as it is.

PiSSA and OLoRA take what the adapter starts with out of the base weights; LoftQ starts with what 4 bits took out of
them. The base model that the adapter will be used with still has it, so what is published is the difference from the
start: A and B of the start go in with a minus, which doubles the rank.
"""

from typing import TYPE_CHECKING

from trainer.methods.targets import weight_of

if TYPE_CHECKING:
    import torch
    from peft import PeftModel

CHANGES_BASE = frozenset({"pissa", "olora"})
OWN_START = CHANGES_BASE | {"loftq"}


def first_weights(model: "PeftModel", init: str) -> "dict[str, tuple[torch.Tensor, torch.Tensor]]":
    """A and B of each layer before the first step, by the name of the layer; empty for what needs no conversion."""
    if init not in OWN_START:
        return {}
    return {name: (_copy(layer.lora_A), _copy(layer.lora_B)) for name, layer in adapted(model)}


def _copy(matrices) -> "torch.Tensor":
    return matrices["default"].weight.detach().cpu().clone()


def convert(model: "PeftModel", first: "dict[str, tuple[torch.Tensor, torch.Tensor]]") -> None:
    """Give the base its weights back and make the adapter the difference from the start, in place.

    A base in 4 bits stays as it is: after LoftQ the adapter is for the base that it was made from.
    """
    import torch

    if not first:
        return
    config = model.peft_config["default"]
    # the scaling stays: both halves of alpha over rank double; with the root of the rank alpha grows by the root of
    # two, and as a spec that goes on from it has whole numbers alone, B takes over what is left
    exact = config.lora_alpha * (2**0.5 if config.use_rslora else 2)
    alpha = round(exact)
    for name, layer in adapted(model):
        a, b = layer.lora_A["default"], layer.lora_B["default"]
        first_a, first_b = (weight.to(a.weight) for weight in first[name])
        base = layer.get_base_layer()
        if not hasattr(base.weight, "quant_state"):
            weight_of(base).add_((layer.scaling["default"] * first_b @ first_a).to(base.weight.dtype))
        a.weight = torch.nn.Parameter(torch.cat([a.weight.data, first_a]))
        b.weight = torch.nn.Parameter(torch.cat([b.weight.data, -first_b], dim=1) * (exact / alpha))
        a.out_features = b.in_features = len(a.weight)
        layer.r["default"] = len(a.weight)
        layer.scaling["default"] *= alpha / exact
    config.lora_alpha = alpha
    config.r *= 2
    config.init_lora_weights = True


def adapted(model: "PeftModel") -> "list[tuple[str, torch.nn.Module]]":
    """Names and layers that have matrices A and B."""
    return [(name, module) for name, module in model.named_modules() if "default" in getattr(module, "lora_A", {})]
