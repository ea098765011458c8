"""The modules of a model that a method is told to work on."""

from typing import TYPE_CHECKING

from worker.failure import WorkerFailure

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module
    from transformers import PreTrainedModel

ALL_LINEAR = "all-linear"


def check_targets(model: "PreTrainedModel", names: tuple[str, ...]) -> None:
    """peft itself stays silent as long as one of the names fits."""
    known = linear_names(model)
    _refuse("lora.targetModules", "linear module", [name for name in names if name != ALL_LINEAR], known, [ALL_LINEAR])


def check_modules(model: "PreTrainedModel", names: tuple[str, ...]) -> None:
    """WorkerFailure `config` for a module to be trained whole that the model lacks."""
    having = (name for name, module in model.named_modules() if next(module.parameters(False), None) is not None)
    known = sorted({name.rpartition(".")[2] for name in having})
    _refuse("lora.modulesToSave", "module with weights", list(names), known, [])


def linear_names(model: "PreTrainedModel") -> list[str]:
    """Last parts of the names of all linear modules but the output layer, sorted."""
    from torch.nn import Linear

    output = model.get_output_embeddings()
    names = (
        name
        for name, module in model.named_modules()
        if (isinstance(module, Linear) or is_transposed(module)) and module is not output
    )
    return sorted({name.rpartition(".")[2] for name in names})


def is_transposed(module: "Module") -> bool:
    """Whether a linear module holds its weight as (inputs, outputs), as those of GPT-2 do."""
    from transformers.pytorch_utils import Conv1D

    return isinstance(module, Conv1D)


def weight_of(module: "Module") -> "Tensor":
    """The weight of a linear module as (outputs, inputs), in the memory of the module."""
    weight = module.weight.detach()
    return weight.T if is_transposed(module) else weight


def _refuse(field: str, what: str, names: list[str], known: list[str], others: list[str]) -> None:
    unknown = [name for name in names if name not in known]
    if unknown:
        listed = ", ".join(f'"{name}"' for name in unknown)
        choice = ", ".join(f'"{name}"' for name in [*others, *known])
        raise WorkerFailure(
            "config", "UnknownTargetModules", f"{field}: the base model has no {what} {listed}: choose from {choice}"
        )
