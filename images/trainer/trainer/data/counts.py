"""What is counted over the batches of a run, without an accelerator having to wait for each of them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


class DeviceSums:
    """Sums that stay where the numbers are: to read them is to wait for all that was computed before."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._sums: torch.Tensor | None = None

    def add(self, *values: "torch.Tensor") -> None:
        import torch

        more = torch.stack([value.detach().double() for value in values])
        self._sums = more if self._sums is None else self._sums + more

    def read(self) -> list[float]:
        return [0.0] * self._number if self._sums is None else self._sums.tolist()

    def clear(self) -> None:
        self._sums = None


class Counts:
    """Of this process: `tokens` trained and `places` in batches since its start; loss and batches of the step now."""

    def __init__(self) -> None:
        self._tokens = DeviceSums(1)
        self._step_loss = DeviceSums(1)
        self.places = 0
        self.batches_of_step = 0

    def add_batch(self, attention_mask: "torch.Tensor") -> None:
        self._tokens.add(attention_mask.sum())
        self.places += attention_mask.numel()
        self.batches_of_step += 1

    def add_loss(self, loss: "torch.Tensor") -> None:
        self._step_loss.add(loss)

    def end_step(self) -> None:
        self._step_loss.clear()
        self.batches_of_step = 0

    @property
    def tokens(self) -> int:
        return int(self._tokens.read()[0])

    @property
    def step_loss(self) -> float:
        return self._step_loss.read()[0]
