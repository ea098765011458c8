"""lm-eval's model of transformers, which knows whether what it wrote came of numbers."""

from typing import Any

import torch
from lm_eval.models.huggingface import HFLM
from transformers import LogitsProcessor


class _Watch(LogitsProcessor):
    """Notes a step of which no token could be chosen: greedy decoding takes the first one even so, sampling fails."""

    def __init__(self) -> None:
        self.has_chosen = torch.tensor(True)

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        del input_ids
        # -inf for some tokens is how settings of decoding leave them out
        self.has_chosen = self.has_chosen.to(scores.device) & scores.amax(dim=-1).isfinite().all()
        return scores.nan_to_num(nan=0.0, neginf=float("-inf"))


class WatchedModel(HFLM):
    """`has_finite_logits` is of all that it has written since it was made."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._watch = _Watch()

    @property
    def has_finite_logits(self) -> bool:
        return bool(self._watch.has_chosen)

    def _model_generate(self, context: torch.Tensor, max_length: int, stop: list[str], **settings: Any) -> torch.Tensor:
        return super()._model_generate(context, max_length, stop, logits_processor=[self._watch], **settings)
