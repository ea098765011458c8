"""One forward pass as a plain function of tensors, for what is traced."""

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from transformers import PreTrainedModel

# of the example that is traced; other sizes must give the same graph
EXAMPLE_SHAPE = (2, 17)


class ForwardPass(torch.nn.Module):
    """`input_ids` and `attention_mask` of shape (rows, length), padded on either side, to logits.

    The mask is made here: that of transformers asks for packed rows with operators that ONNX does not have.
    """

    def __init__(self, model: "PreTrainedModel") -> None:
        super().__init__()
        self.model = model
        # the exporter of ONNX leaves the model in the mode that it finds here, with dropout if that is training
        self.train(model.training)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        places = torch.arange(input_ids.shape[1], device=input_ids.device)
        is_past = places[:, None] >= places[None, :]
        # each sees itself: a place of padding that saw nothing would be no number, and spoil the others
        is_own = places[:, None] == places[None, :]
        mask = (is_past[None, None] & attention_mask.bool()[:, None, None, :]) | is_own[None, None]
        positions = (attention_mask.cumsum(1) - 1).clamp(min=0)
        return self.model(input_ids=input_ids, attention_mask=mask, position_ids=positions, use_cache=False).logits


def example(model: "PreTrainedModel") -> tuple[torch.Tensor, torch.Tensor]:
    """Arguments to trace with; the tokens themselves do not matter."""
    rows, length = EXAMPLE_SHAPE
    ids = torch.arange(rows * length, device=model.device).reshape(rows, length) % model.config.vocab_size
    return ids, torch.ones_like(ids)
