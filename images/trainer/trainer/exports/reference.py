"""The rows on which exports are compared, and what the trained model says there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trainer.data.examples import Example

if TYPE_CHECKING:
    import torch

PROMPTS = 16
# logits of a large vocabulary take half a megabyte a position
POSITIONS_A_PROMPT = 64

Forward = Callable[["torch.Tensor"], "torch.Tensor"]


@dataclass(frozen=True)
class Prompts:
    """`ids` are of shape (1, length) each; `positions` are those of each whose next token is an answer token."""

    ids: list["torch.Tensor"]
    positions: list["torch.Tensor"]

    @property
    def targets(self) -> "torch.Tensor":
        """The answer tokens of all prompts, of shape (positions,)."""
        import torch

        return torch.cat([ids[0, chosen + 1] for ids, chosen in zip(self.ids, self.positions, strict=True)])

    def logits(self, forward: Forward) -> "torch.Tensor":
        """What `forward`, (1, length) -> (1, length, vocabulary), says at all positions, in fp32 on the host."""
        import torch

        with torch.no_grad():
            parts = [
                forward(ids)[0, chosen].float().cpu() for ids, chosen in zip(self.ids, self.positions, strict=True)
            ]
        return torch.cat(parts)


def choose_prompts(*groups: list[Example], most: int = PROMPTS) -> Prompts:
    """The first rows of the groups in their order; of each the first answer tokens."""
    import torch

    chosen = [example for group in groups for example in group][:most]
    return Prompts(
        [torch.tensor([example.ids]) for example in chosen],
        [
            torch.tensor([index - 1 for index, is_trained in enumerate(example.is_trained) if is_trained])[
                :POSITIONS_A_PROMPT
            ]
            for example in chosen
        ],
    )
