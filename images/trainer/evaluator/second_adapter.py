"""Another adapter of the same base, while the model of the evaluation is in memory: it takes as little as it can."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from evaluator.sources import Source, loaded
from evaluator.subject import Subject, answering

NAME = "second"


@contextmanager
def opened_beside(subject: Subject, source: Source) -> Iterator[Any]:
    """The model of `source`: a second adapter on the weights that are there where that gives the same."""
    if _fits_beside(subject, source):
        model: Any = subject.tuned
        model.load_adapter(source.folder, adapter_name=NAME, is_trainable=False)
        model.set_adapter(NAME)
        try:
            yield answering(model.eval())
        finally:
            model.set_adapter("default")
            model.delete_adapter(NAME)
        return
    # an accelerator holds no more models at a time than before
    models, device = (subject.tuned, subject.model), subject.model.device
    for model in models:
        model.to("cpu")
    try:
        with loaded(source) as model:
            yield model
    finally:
        for model in models:
            model.to(device)


def _fits_beside(subject: Subject, source: Source) -> bool:
    """Whether both are plain LoRA on unchanged weights; whatever else an adapter brings is loaded apart."""
    own: Any = getattr(subject.tuned, "peft_config", {}).get("default")
    if not subject.is_shared or source.kind != "adapter" or any((source.manifest.get("context") or {}).values()):
        return False
    from peft import PeftConfig

    return all(map(_is_plain, (own, PeftConfig.from_pretrained(source.folder))))


def _is_plain(config: Any) -> bool:
    more = ("modules_to_save", "trainable_token_indices", "layer_replication", "target_parameters")
    is_lora = config.peft_type == "LORA" and config.bias == "none"
    return is_lora and not any(getattr(config, name, None) for name in more)
