"""The LoRA adapter on a base model."""

from typing import TYPE_CHECKING

from trainer.settings import Lora
from worker.failure import WorkerFailure

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel

ALL_LINEAR = "all-linear"


def apply_lora(model: "PreTrainedModel", lora: Lora, new_tokens: tuple[int, ...] = ()) -> "PeftModel":
    """Add an adapter whose weights alone are trained, and the embeddings of `new_tokens`.

    WorkerFailure `config` for modules that the model lacks.
    """
    from peft import LoraConfig, get_peft_model

    check_targets(model, lora.target_modules)
    config = LoraConfig(
        task_type="CAUSAL_LM",
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=ALL_LINEAR if ALL_LINEAR in lora.target_modules else list(lora.target_modules),
        use_rslora=lora.is_rank_stabilised,
        trainable_token_indices=embeddings_of(model, new_tokens),
    )
    return get_peft_model(model, config)


def embeddings_of(model: "PreTrainedModel", tokens: tuple[int, ...]) -> dict[str, list[int]] | None:
    """The rows of the embeddings that stand for `tokens`, as peft takes them; tied output embeddings follow."""
    if not tokens:
        return None
    ends = [model.get_input_embeddings()]
    if not model.config.get_text_config().tie_word_embeddings:
        ends.append(model.get_output_embeddings())
    names = [name for name, module in model.named_modules() if any(module is end for end in ends)]
    return {name.rpartition(".")[2]: list(tokens) for name in names}


def check_targets(model: "PreTrainedModel", names: tuple[str, ...]) -> None:
    """peft itself stays silent as long as one of the names fits."""
    known = linear_names(model)
    unknown = [name for name in names if name != ALL_LINEAR and name not in known]
    if unknown:
        listed = ", ".join(f'"{name}"' for name in unknown)
        choice = ", ".join(f'"{name}"' for name in [ALL_LINEAR, *known])
        raise WorkerFailure(
            "config",
            "UnknownTargetModules",
            f"lora.targetModules: the base model has no linear module {listed}: choose from {choice}",
        )


def linear_names(model: "PreTrainedModel") -> list[str]:
    """Last parts of the names of all linear modules but the output layer, sorted."""
    import torch

    output = model.get_output_embeddings()
    names = (
        name for name, module in model.named_modules() if isinstance(module, torch.nn.Linear) and module is not output
    )
    return sorted({name.rpartition(".")[2] for name in names})
