"""How far down a model the backward pass goes, by what is trained at the moment."""

from typing import TYPE_CHECKING, NamedTuple

from trainer.methods.freeze import decoder_layers

if TYPE_CHECKING:
    from torch.nn import Module, Parameter


class Numbers(NamedTuple):
    """Those of a model: in all, trained, and below the lowest trained layer."""

    total: int
    trained: int
    unreached: int


def count_numbers(model: "Module") -> Numbers:
    weights = list(model.parameters())
    return Numbers(
        sum(map(size_of, weights)),
        sum(size_of(weight) for weight in weights if weight.requires_grad),
        sum(map(size_of, unreached(model))),
    )


def size_of(weight: "Parameter") -> int:
    """Numbers in a weight, as peft counts them: of 4 bits a byte holds two, and a part of one knows how many it had."""
    number = weight.numel() or getattr(weight, "ds_numel", 0)
    return number * 2 * weight.element_size() if type(weight).__name__ == "Params4bit" else number


def unreached(model: "Module") -> "list[Parameter]":
    """Weights that lie below all that is trained; none where vectors in front of the layers are trained."""
    try:
        layers = decoder_layers(model)
    except ValueError:
        # no layers of one kind
        return []
    lowest = next((place for place, layer in enumerate(layers) if is_trained(layer)), 0)
    inside = {id(weight): place for place, layer in enumerate(layers) for weight in layer.parameters()}
    named = list(model.named_parameters())
    first = next(place for place, (_, weight) in enumerate(named) if id(weight) in inside)
    # modules are listed in the order in which they compute, but for vectors that peft puts in front of an embedding
    in_front = [weight for _, weight in named[:first]]
    is_in_front = any(weight.requires_grad for weight in in_front) or any("prompt_encoder" in name for name, _ in named)
    if not lowest or is_in_front:
        return []
    head = getattr(model.get_output_embeddings(), "weight", None)
    below = [weight for _, weight in named if inside.get(id(weight), lowest) < lowest]
    return below + [weight for weight in in_front if weight is not head]


def is_trained(module: "Module") -> bool:
    return any(weight.requires_grad for weight in module.parameters())
