"""A base model in 4 or 8 bits."""

from typing import TYPE_CHECKING, Any

from trainer.methods.settings import Quantization

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel


def quantized_loading(quantization: Quantization | None, dtype: "torch.dtype") -> dict[str, Any]:
    """Arguments of `from_pretrained` that quantise weights while they are loaded; what is computed stays in `dtype`."""
    if quantization is None:
        return {}
    import torch
    from transformers import BitsAndBytesConfig

    if quantization.bits == 8:
        config = BitsAndBytesConfig(load_in_8bit=True)
    else:
        config = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=quantization.is_double,
            bnb_4bit_compute_dtype=dtype,
        )
    # quantised weights cannot be moved afterwards
    return {
        "quantization_config": config,
        "device_map": {"": torch.cuda.current_device() if torch.cuda.is_available() else "cpu"},
    }


def prepared_for_training(model: "PreTrainedModel") -> "PreTrainedModel":
    """Norms and embeddings in full precision, and gradients that reach the first adapter through frozen layers."""
    from peft import prepare_model_for_kbit_training

    # checkpointing is the Trainer's to switch on
    return prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
