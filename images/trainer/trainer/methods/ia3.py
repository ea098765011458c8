"""IA3: a trained factor for each output of a few layers."""

from typing import TYPE_CHECKING

from trainer.methods.targets import ALL_LINEAR, check_targets
from worker.failure import WorkerFailure

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel

# layers whose inputs are scaled instead of their outputs: the second half of a feed-forward block
FEED_FORWARD = frozenset({"down_proj", "fc2", "fc_out", "w2", "wo", "dense_4h_to_h", "c_proj"})


def apply_ia3(model: "PreTrainedModel", targets: tuple[str, ...]) -> "PeftModel":
    """Add the factors, by default to those layers that peft names for the architecture (keys, values, feed-forward).

    WorkerFailure `config` for an architecture without such a default, or for modules that the model lacks.
    """
    from peft import IA3Config, get_peft_model

    if ALL_LINEAR in targets:
        # peft reads its own table; all layers would be far more than the method means
        config = IA3Config(task_type="CAUSAL_LM")
    else:
        check_targets(model, targets)
        feed_forward = [name for name in targets if name in FEED_FORWARD]
        config = IA3Config(task_type="CAUSAL_LM", target_modules=list(targets), feedforward_modules=feed_forward)
    try:
        return get_peft_model(model, config)
    except ValueError as error:
        if "target_modules" not in str(error):
            raise
        kind = model.config.model_type
        raise WorkerFailure(
            "config",
            "UnknownTargetModules",
            f'method IA3 has no default layers for models of the type "{kind}": name keys, values and the second '
            "feed-forward layer in lora.targetModules",
        ) from error
