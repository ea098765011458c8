"""Which parameters the optimizer steps with which learning rate and weight decay."""

from typing import TYPE_CHECKING, Any, NamedTuple

from trainer.methods.names import RANKED
from trainer.methods.trained import trained_parameters

if TYPE_CHECKING:
    import torch

    from trainer.methods.settings import Method


def rates_of(method: "Method") -> str:
    """Which groups the optimizer has, in a word: its state fits no others."""
    return "LoRA+" if method.lora.plus_ratio is not None and method.name in RANKED else "one rate"


def parameter_groups(
    model: "torch.nn.Module", decayed: set[str], learning_rate: float, weight_decay: float, plus_ratio: float | None
) -> list[dict[str, Any]]:
    """Groups for a torch optimizer, in an order that depends on nothing but the model.

    `decayed` names what weight decay may pull on: no norm and no bias. With LoRA+ the matrices B, which begin at zero,
    learn `plus_ratio` times as fast as all else. What a later unfreezing reaches is there from the start: without a
    gradient it is not stepped and costs no memory, and a resumed run finds the groups as they were.
    """
    groups: dict[tuple[bool, bool], list[Any]] = {}
    for name, weight in trained_parameters(model):
        is_fast = plus_ratio is not None and "lora_B" in name
        groups.setdefault((is_fast, name in decayed), []).append(weight)
    return [
        {
            "params": weights,
            "lr": learning_rate * (plus_ratio if is_fast else 1),
            "weight_decay": weight_decay if is_decayed else 0.0,
        }
        for (is_fast, is_decayed), weights in sorted(groups.items(), key=lambda group: group[0])
    ]


class Begun(NamedTuple):
    """What a group of parameters begins with."""

    rate: float
    weight_decay: float


def begun(groups: list[dict[str, Any]]) -> list[Begun]:
    return [Begun(group["lr"], group["weight_decay"]) for group in groups]
