"""A longer context than a base model was trained for: scaled rotary positions, or more of the learned ones.

What was done stands in the configuration of the model, which is published with it: who loads the weights without it
computes with other positions. `context` is that of a train input.
"""

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from worker.failure import WorkerFailure

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

# names of transformers
ROPE_TYPES = {"Linear": "linear", "Dynamic": "dynamic", "Yarn": "yarn"}
# tables of learned positions, by the end of their names
TABLES = ("wpe", "embed_positions")
RANDOM_SCALE = 0.01
# in the configuration of a model with other positions than its base: which ones
STRETCHED, ROPE, POSITIONS = "doctune_stretched", "rope", "positions"


def with_context(base_model: dict[str, Any], context: dict[str, Any] | None) -> dict[str, Any]:
    """A `baseModel` that `worker.models.load` loads for this context; None: as it is."""
    return {**base_model, "context": context} if context and any(context.values()) else base_model


def as_before(base_model: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
    """A `baseModel` to compare with what was made of it: its own rotary positions, but a table that is long enough."""
    return with_context(base_model, {**context, "ropeScaling": None})


def scale_rope(config: Any, scaling: dict[str, Any]) -> None:
    """Put the scaling into a configuration, in place. WorkerFailure `config` for an architecture that cannot."""
    known = getattr(config, "rope_parameters", None)
    if not known or "rope_theta" not in known:
        found = "positions by kind of layer" if known else "no rotary positions"
        raise _unfit(
            "ropeScaling",
            f'models of the type "{config.model_type}" have {found}: leave it out'
            + ("" if known else ", or use context.positions"),
        )
    if known.get("rope_type", "default") != "default":
        raise _unfit("ropeScaling", f'the base model is scaled already ("{known["rope_type"]}"): leave it out')
    original, kind = config.max_position_embeddings, ROPE_TYPES[scaling["type"]]
    parameters = {**known, "rope_type": kind, "factor": float(scaling["factor"])}
    if kind == "yarn":
        parameters["original_max_position_embeddings"] = original
    # the dynamic kind takes the length from which on it scales from here
    if kind != "dynamic":
        config.max_position_embeddings = int(original * scaling["factor"])
    config.rope_parameters = parameters
    setattr(config, STRETCHED, ROPE)


def forget_lengths(model: "torch.nn.Module") -> None:
    """Have dynamic positions follow each batch alone: else those of a batch depend on all that came before it."""

    def forget(module: "torch.nn.Module", _arguments: Any) -> None:
        module.max_seq_len_cached = module.original_max_seq_len
        module.inv_freq = module.original_inv_freq.to(module.inv_freq.device)

    for module in model.modules():
        if getattr(module, "rope_type", None) == "dynamic" and hasattr(module, "original_inv_freq"):
            module.register_forward_pre_hook(forget)


def position_tables(model: "torch.nn.Module") -> "dict[str, torch.nn.Embedding]":
    """The tables of learned positions by their names."""
    import torch

    return {
        name: module
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Embedding) and name.rpartition(".")[2] in TABLES
    }


def check_context(config: Any, context: dict[str, Any], longest: int) -> None:
    """WorkerFailure `config` for positions that an architecture cannot have, or rows of `longest` tokens beyond those
    that it learned. Needs no weights.
    """
    positions, known = context["positions"], getattr(config, "max_position_embeddings", longest)
    # only then: who has learned positions is told by the modules of a model, whose names take a moment
    if positions is None and longest <= known:
        return
    tables = position_tables(_skeleton(config))
    if positions:
        _check_table(tables, config, positions["length"])
    limit = positions["length"] if positions else known
    if tables and longest > limit:
        raise WorkerFailure(
            "config",
            "UnfitContext",
            f"training.maxLength is {longest}, and the base model has {limit} learned positions: lower it (and "
            f"stages.maxLength), or set context.positions.length to {longest} or more",
        )


def add_positions(model: "PreTrainedModel", positions: dict[str, Any]) -> None:
    """Make the table of learned positions longer, in place. WorkerFailure `config` for an architecture that cannot."""
    import torch

    tables, config, length = position_tables(model), model.config, positions["length"]
    _check_table(tables, config, length)
    old = config.max_position_embeddings
    for table in tables.values():
        # OPT begins to count at 2: rows before its first position stay as they are
        offset = len(table.weight) - old
        with torch.no_grad():
            weight = longer(table.weight.data[offset:], length, positions["init"])
            table.weight = torch.nn.Parameter(
                torch.cat([table.weight.data[:offset], weight]), requires_grad=table.weight.requires_grad
            )
        table.num_embeddings = len(table.weight)
    config.max_position_embeddings = length
    setattr(config, STRETCHED, POSITIONS)
    _check(model, length)


def longer(weight: "torch.Tensor", length: int, init: str) -> "torch.Tensor":
    """`length` rows from fewer: between the known ones, or the known ones with small random ones after them."""
    import torch

    if init == "Interpolate":
        # the ends stay where they are, all rows between them move apart evenly
        stretched = torch.nn.functional.interpolate(
            weight.T[None].float(), size=length, mode="linear", align_corners=True
        )
        return stretched[0].T.to(weight.dtype).contiguous()
    generator = torch.Generator().manual_seed(0)
    fresh = RANDOM_SCALE * torch.randn(length - len(weight), weight.shape[1], generator=generator)
    return torch.cat([weight, fresh.to(weight)])


def _skeleton(config: Any) -> "torch.nn.Module":
    """The modules of a model without their weights, none for an architecture that cannot be loaded."""
    import torch
    from transformers import AutoModelForCausalLM

    try:
        with torch.device("meta"):
            return AutoModelForCausalLM.from_config(deepcopy(config))
    except ValueError:
        return torch.nn.Module()


def _check_table(tables: "dict[str, torch.nn.Embedding]", config: Any, length: int) -> None:
    old = getattr(config, "max_position_embeddings", 0)
    if not tables:
        remedy = "use context.ropeScaling" if getattr(config, "rope_parameters", None) else "leave it out"
        raise _unfit("positions", f'models of the type "{config.model_type}" have no learned positions: {remedy}')
    if length <= old:
        raise _unfit("positions.length", f"the base model has {old} positions already: give more, or leave it out")


def _check(model: "PreTrainedModel", length: int) -> None:
    """Some architectures keep a mask of their old length: the last position must be one that can be read."""
    import torch

    ids = torch.zeros((1, length), dtype=torch.long, device=model.device)
    try:
        with torch.no_grad():
            # without the output layer, whose logits would be large
            model.base_model(input_ids=ids, use_cache=False)
    except (RuntimeError, IndexError, ValueError) as error:
        raise _unfit(
            "positions", f'models of the type "{model.config.model_type}" cannot read more positions: leave it out'
        ) from error


def _unfit(field: str, what: str) -> WorkerFailure:
    return WorkerFailure("config", "UnfitContext", f"context.{field}: {what}")
