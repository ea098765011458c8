"""Which parameters of a model a run trains, and how many they are."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


def trained_parameters(model: "torch.nn.Module") -> "list[tuple[str, torch.nn.Parameter]]":
    """Names and parameters that are trained, those too that only a later unfreezing reaches."""
    later = getattr(model, "trained_later", ())
    return [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad or name in later]


def trains_tokens(model: "torch.nn.Module") -> bool:
    """Whether embeddings of some tokens are trained beside an adapter."""
    configs = getattr(model, "peft_config", {}).values()
    return any(getattr(config, "trainable_token_indices", None) for config in configs)


def trained_share(model: "torch.nn.Module") -> dict[str, Any]:
    """`count` of the trained parameters and their share of all in `percent`."""
    if hasattr(model, "get_nb_trainable_parameters"):
        # which knows that a byte holds two weights of 4 bits
        trained, total = model.get_nb_trainable_parameters()
    else:
        trained = sum(weight.numel() for _, weight in trained_parameters(model))
        total = sum(weight.numel() for weight in model.parameters())
    return {"count": trained, "percent": round(100 * trained / total, 4)}
