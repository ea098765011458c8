"""Dropout of the base model itself: a matter of its configuration, set before its layers are made."""

from typing import Any

from worker.failure import WorkerFailure

# what architectures call it; the output layers of classifiers are not among them
FIELDS = (
    "attention_dropout",
    "hidden_dropout",
    "attention_probs_dropout_prob",
    "hidden_dropout_prob",
    "resid_pdrop",
    "embd_pdrop",
    "attn_pdrop",
    "resid_dropout",
    "dropout",
)


def dropout_options(config: Any, share: float | None) -> dict[str, Any]:
    """Arguments of `from_pretrained` that make a model with this dropout; none without a wish.

    WorkerFailure `config` for an architecture whose layers have no dropout.
    """
    if share is None:
        return {}
    fields = [name for name in FIELDS if isinstance(getattr(config, name, None), int | float)]
    if not fields:
        raise WorkerFailure(
            "config",
            "NoDropout",
            f'training.dropout: models of the type "{config.model_type}" have no dropout: leave it out, and set '
            "lora.dropout",
        )
    for name in fields:
        setattr(config, name, share)
    return {"config": config}
