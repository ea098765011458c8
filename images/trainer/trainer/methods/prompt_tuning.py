"""Prompt tuning: trained vectors in front of every row."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from peft import PeftModel
    from transformers import PreTrainedModel


def apply_prompt_tuning(model: "PreTrainedModel", virtual_tokens: int) -> "PeftModel":
    """Put `virtual_tokens` vectors before the input; they begin as embeddings of tokens drawn from the vocabulary."""
    from peft import PromptTuningConfig, get_peft_model

    config = PromptTuningConfig(
        task_type="CAUSAL_LM", num_virtual_tokens=virtual_tokens, prompt_tuning_init="SAMPLE_VOCAB"
    )
    return get_peft_model(model, config)


def virtual_tokens(model: "torch.nn.Module") -> int:
    """Positions that the model puts before those of its input; 0 unless it was prompt tuned."""
    # DistributedDataParallel hides it
    config = getattr(getattr(model, "module", model), "active_peft_config", None)
    return config.num_virtual_tokens if config is not None and config.is_prompt_learning else 0
