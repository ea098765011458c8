"""The one place that knows which method is made where."""

from typing import TYPE_CHECKING

from trainer.methods.settings import Method

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel


def apply_method(
    model: "PreTrainedModel", method: Method, total_steps: int, new_tokens: tuple[int, ...] = ()
) -> "torch.nn.Module":
    """The model as it is trained: a PeftModel around it, or itself for a method that trains its own weights.

    `new_tokens` are those that the chat template added: their embeddings are trained too, by a method that
    `check_new_tokens` lets pass. WorkerFailure `config` for modules or layers that the model lacks.
    """
    if method.quantization:
        from trainer.methods.quantized import prepared_for_training

        model = prepared_for_training(model)
    match method.name:
        case "AdaLoRA":
            from trainer.methods.adalora import apply_adalora

            return apply_adalora(model, method, total_steps)
        case "IA3":
            from trainer.methods.ia3 import apply_ia3

            return apply_ia3(model, method.lora.target_modules)
        case "PromptTuning":
            from trainer.methods.prompt_tuning import apply_prompt_tuning

            return apply_prompt_tuning(model, method.virtual_tokens)
        case "Freeze":
            from trainer.methods.freeze import apply_freeze

            return apply_freeze(model, method.freeze)
        case "Full":
            return model.requires_grad_(True)
        case name:
            from trainer.methods.lora import apply_lora

            return apply_lora(model, method.lora, new_tokens, is_dora=name == "DoRA")
