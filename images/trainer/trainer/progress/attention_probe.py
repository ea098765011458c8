"""Where attention goes, on a few validation rows at each look: how far back, to which ends of the row, how widely.

Figures for TensorBoard alone: they decide nothing, and stay out of the artifact.
"""

import logging
from typing import TYPE_CHECKING

import torch
from transformers import TrainerCallback

from trainer.data.examples import Example
from trainer.progress.tensorboard import Events

if TYPE_CHECKING:
    from trainer.optimization.loop import AnswerTrainer

log = logging.getLogger("trainer")

ROWS = 4
# the begin and the end of a row, as a share of its tokens
END_SHARE = 0.1


def figures(attention: torch.Tensor) -> dict[str, float]:
    """Figures of weights of shape (heads, length, length), whose rows sum up to 1, over heads and tokens.

    `distance` is in tokens, `head_mass` and `tail_mass` are what goes to the first and last tenth of the row, `entropy`
    is in nats.
    """
    weights = attention.double()
    length = weights.shape[-1]
    places = torch.arange(length, device=weights.device)
    ends = max(1, int(END_SHARE * length))
    back = (places[:, None] - places[None]).clamp(min=0)
    return {
        "distance": float((weights * back).sum(-1).mean()),
        "head_mass": float(weights[..., :ends].sum(-1).mean()),
        "tail_mass": float(weights[..., -ends:].sum(-1).mean()),
        "entropy": float(torch.special.entr(weights).sum(-1).mean()),
    }


class AttentionProbe(TrainerCallback):
    """Computes attention in the plain way, which alone tells its weights, on the first validation rows."""

    def __init__(self, trainer: "AnswerTrainer", events: Events) -> None:
        self.trainer = trainer
        self.events = events
        self.rows: list[Example] = [example for curve in trainer.validation.values() for example in curve][:ROWS]

    def on_evaluate(self, args, state, control, **_) -> None:
        means = self.measure()
        if means:
            self.events.write(state.global_step, {f"attention/{name}": value for name, value in means.items()})

    def measure(self) -> dict[str, float]:
        """The means over rows and layers; empty for a model that cannot compute in the plain way."""
        model = getattr(self.trainer.model, "get_base_model", lambda: self.trainer.model)()
        before = model.config._attn_implementation
        try:
            model.set_attn_implementation("eager")
            found = [figures(layer[0]) for row in self.rows for layer in self._layers(model, row)]
        except (ValueError, TypeError, AttributeError) as error:
            log.warning("attention cannot be looked at in this model", extra={"error": str(error)[:200]})
            return {}
        finally:
            model.set_attn_implementation(before)
        return {name: sum(each[name] for each in found) / len(found) for name in found[0]} if found else {}

    def _layers(self, model: torch.nn.Module, row: Example) -> tuple[torch.Tensor, ...]:
        ids = torch.tensor([row.ids], device=model.device)
        with torch.no_grad():
            found = model.base_model(input_ids=ids, output_attentions=True, use_cache=False).attentions
        return tuple(layer for layer in found or () if layer is not None)
