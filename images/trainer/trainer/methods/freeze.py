"""Freezing: the bottom layers stay as they are, the rest of the model is trained, more and more of it if asked."""

from typing import TYPE_CHECKING

from transformers import TrainerCallback

from trainer.methods.layers import frozen_layers, layers_frozen_at
from trainer.methods.settings import Freeze

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel


def apply_freeze(model: "PreTrainedModel", freeze: Freeze) -> "PreTrainedModel":
    """Freeze the bottom layers, and the embeddings if asked. WorkerFailure `config` if nothing would be trained.

    `model.trained_later` names the parameters that an unfreezing will reach: the optimizer has them from the start.
    """
    layers = decoder_layers(model)
    bottom = frozen_layers(len(layers), freeze)
    model.requires_grad_(True)
    if freeze.has_frozen_embeddings:
        model.get_input_embeddings().requires_grad_(False)
    below = [name for layer in layers[:bottom] for name in _names(model, layer)]
    for layer in layers[:bottom]:
        layer.requires_grad_(False)
    model.trained_later = frozenset(below if freeze.is_unfreezing else ())
    return model


def decoder_layers(model: "PreTrainedModel") -> "list[torch.nn.Module]":
    """The blocks of the model from the bottom to the top: its longest list of modules of one kind."""
    import torch

    lists = [module for module in model.modules() if isinstance(module, torch.nn.ModuleList)]
    return list(max(lists, key=len))


class UnfreezeCallback(TrainerCallback):
    """Unfreezes more layers at their steps, and writes down which. A resumed run has the same layers trained."""

    def __init__(self, trainer, freeze: Freeze) -> None:
        self.trainer = trainer
        self.layers = decoder_layers(trainer.model)
        self.bottom = frozen_layers(len(self.layers), freeze)
        self.freeze = freeze

    def on_train_begin(self, args, state, control, **_) -> None:
        self._unfreeze(state.global_step)

    def on_step_end(self, args, state, control, **_) -> None:
        step = state.global_step
        before, now = (layers_frozen_at(each, self.bottom, self.freeze) for each in (step - 1, step))
        if now < before:
            self._unfreeze(step)
            # not by `log`, since it is no figure of a step
            state.log_history.append({"step": step, "unfrozen_layer": now})

    def _unfreeze(self, step: int) -> None:
        for layer in self.layers[layers_frozen_at(step, self.bottom, self.freeze) : self.bottom]:
            layer.requires_grad_(True)


def _names(model: "PreTrainedModel", layer: "torch.nn.Module") -> list[str]:
    own = {id(parameter) for parameter in layer.parameters()}
    return [name for name, parameter in model.named_parameters() if id(parameter) in own]
