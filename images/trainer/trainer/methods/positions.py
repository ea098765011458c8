"""New learned positions are trained, whatever the method: an adapter carries them beside its matrices."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from trainer.methods.names import RANKED
from trainer.methods.settings import Method
from worker.context import position_tables

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def with_positions(method: Method, model: "PreTrainedModel", context: dict[str, Any]) -> Method:
    """The method with the tables that `context.positions` made longer beside its matrices, where it has any."""
    if context["positions"] is None or method.name not in RANKED:
        return method
    names = {name.rpartition(".")[2] for name in position_tables(model)}
    saved = tuple(sorted({*method.lora.modules_to_save, *names}))
    return replace(method, lora=replace(method.lora, modules_to_save=saved))
