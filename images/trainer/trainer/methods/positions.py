"""New learned positions are trained, whatever the method: an adapter carries them beside its matrices."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from trainer.methods.names import RANKED, WHOLE
from trainer.methods.settings import Method
from worker.context import position_tables
from worker.failure import WorkerFailure

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def with_positions(method: Method, model: "PreTrainedModel", context: dict[str, Any]) -> Method:
    """The method with the tables that `context.positions` made longer. WorkerFailure `config` where it has no place."""
    if context["positions"] is None or method.name in WHOLE:
        return method
    if method.name not in RANKED:
        raise WorkerFailure(
            "config",
            "UnfitMethod",
            f'method "{method.name}" cannot train the new positions of context.positions: use "LoRA", or another '
            "method with matrices or whole weights",
        )
    names = {name.rpartition(".")[2] for name in position_tables(model)}
    saved = tuple(sorted({*method.lora.modules_to_save, *names}))
    return replace(method, lora=replace(method.lora, modules_to_save=saved))
