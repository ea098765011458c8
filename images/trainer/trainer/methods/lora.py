"""LoRA, rsLoRA, DoRA and the adapter of QLoRA."""

from typing import TYPE_CHECKING

from trainer.methods.loftq import LOFTQ
from trainer.methods.settings import Lora
from trainer.methods.targets import ALL_LINEAR, check_modules, check_targets, linear_names
from worker.failure import WorkerFailure

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel


def apply_lora(
    model: "PreTrainedModel", lora: Lora, new_tokens: tuple[int, ...] = (), is_dora: bool = False
) -> "PeftModel":
    """Add an adapter whose weights alone are trained, and the embeddings of `new_tokens`.

    WorkerFailure `config` for modules that the model lacks.
    """
    from peft import LoraConfig, get_peft_model

    check_targets(model, lora.target_modules)
    check_modules(model, lora.modules_to_save)
    config = LoraConfig(
        **adapter_arguments(model, lora),
        r=lora.rank,
        use_rslora=lora.is_rank_stabilised,
        use_dora=is_dora,
        trainable_token_indices=embeddings_of(model, new_tokens),
    )
    return get_peft_model(model, config)


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


def embeddings_of(model: "PreTrainedModel", tokens: tuple[int, ...]) -> dict[str, list[int]] | None:
    """The rows of the embeddings that stand for `tokens`, as peft takes them; tied output embeddings follow."""
    if not tokens:
        return None
    ends = [model.get_input_embeddings()]
    if not model.config.get_text_config().tie_word_embeddings:
        ends.append(model.get_output_embeddings())
    names = [name for name, module in model.named_modules() if any(module is end for end in ends)]
    return {name.rpartition(".")[2]: list(tokens) for name in names}


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
