"""LoRA, rsLoRA, DoRA and the adapter of QLoRA."""

from typing import TYPE_CHECKING

from trainer.methods.loftq import LOFTQ
from trainer.methods.settings import Lora
from trainer.methods.targets import ALL_LINEAR, check_modules, check_targets, is_transposed, linear_names
from worker.failure import WorkerFailure

if TYPE_CHECKING:
    from peft import PeftModel
    from torch.nn import Module
    from transformers import PreTrainedModel


def apply_lora(
    model: "PreTrainedModel", lora: Lora, new_tokens: tuple[int, ...] = (), is_dora: bool = False
) -> "PeftModel":
    """Add an adapter whose weights alone are trained, and the embeddings of `new_tokens`.

    WorkerFailure `config` for modules that the model lacks, or that cannot be trained whole beside new tokens.
    """
    from peft import LoraConfig, get_peft_model

    check_targets(model, lora.target_modules)
    check_modules(model, lora.modules_to_save)
    check_start(model, lora.init)
    config = LoraConfig(
        **adapter_arguments(model, lora),
        r=lora.rank,
        use_rslora=lora.is_rank_stabilised,
        use_dora=is_dora,
        trainable_token_indices=embeddings_of(model, new_tokens, lora.modules_to_save),
    )
    return get_peft_model(model, config)


def check_start(model: "PreTrainedModel", init: str) -> None:
    """WorkerFailure `config` for a start that peft takes from weights as (outputs, inputs) alone."""
    if init == "olora" and any(is_transposed(module) for module in model.modules()):
        raise WorkerFailure(
            "config",
            "UnfitCombination",
            f'lora.init "olora" does not know linear modules like those of a "{model.config.model_type}" model: use '
            '"pissa" or "default"',
        )


def adapted_layers(layers: int, lora: Lora) -> list[int] | None:
    """Places of the layers that have an adapter, of all `layers`; None for all of them."""
    if lora.last_layers is None and not lora.skipped_layers:
        return None
    last = layers if lora.last_layers is None else lora.last_layers
    for field, given, most in (("lastLayers", last, layers), ("skipLayers", lora.skipped_layers, layers - 1)):
        if given > most:
            raise WorkerFailure(
                "config",
                "TooFewLayers",
                f"lora.{field} is {given} and the base model has {layers} layers: give {most} or fewer",
            )
    return list(range(max(layers - last, lora.skipped_layers), layers))


def embeddings_of(
    model: "PreTrainedModel", tokens: tuple[int, ...], whole: tuple[str, ...] = ()
) -> dict[str, list[int]] | None:
    """The rows of the embeddings that stand for `tokens`, as peft takes them, but of modules that are trained `whole`.

    WorkerFailure `config` for tied output embeddings that are trained whole alone: those of the input cannot follow.
    """
    if not tokens:
        return None
    table, head = (name_of(model, end) for end in (model.get_input_embeddings(), model.get_output_embeddings()))
    rows = {name: list(tokens) for name in (table, head) if name not in whole}
    if not model.config.get_text_config().tie_word_embeddings:
        return rows or None
    if list(rows) == [table]:
        raise WorkerFailure(
            "config",
            "UnfitCombination",
            f'lora.modulesToSave: "{head}" of this base model shares its weights with "{table}", whose rows for the '
            f'new tokens of training.chatTemplate "chatml" cannot be trained beside it: add "{table}", leave "{head}" '
            "out, or choose another training.chatTemplate",
        )
    # where both are left, the output follows by itself
    return {table: rows[table]} if table in rows else rows or None


def name_of(model: "PreTrainedModel", module: "Module") -> str:
    """The last part of the name of a module."""
    return next(name for name, each in model.named_modules() if each is module).rpartition(".")[2]


def adapter_arguments(model: "PreTrainedModel", lora: Lora) -> dict:
    """Arguments of peft's configuration that LoRA and AdaLoRA share."""
    layers = adapted_layers(model.config.get_text_config().num_hidden_layers, lora)
    targets: str | list[str] = list(lora.target_modules)
    if ALL_LINEAR in targets:
        # peft takes the one name for all of them only where no layers are named
        targets = ALL_LINEAR if layers is None else linear_names(model)
    return {
        "task_type": "CAUSAL_LM",
        "lora_alpha": lora.alpha,
        "lora_dropout": lora.dropout,
        "target_modules": targets,
        "layers_to_transform": layers,
        # peft's own LoftQ needs CUDA: ours changes these weights afterwards
        "init_lora_weights": True if lora.init in ("default", LOFTQ) else lora.init,
        "modules_to_save": list(lora.modules_to_save) or None,
        "bias": lora.bias,
    }
