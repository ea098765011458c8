"""Whether an export answers as the model that was trained does: figures over answers of a few rows, and the gate."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from worker.failure import WorkerFailure

if TYPE_CHECKING:
    import torch

LEAST_TOP_ONE = 0.99
# nats; a merge in 16 bits is a hundred times below, and another temperature is above
MOST_KL = 0.01
# what fewer bits may cost at the most
MOST_PERPLEXITY_RISE = 0.03


@dataclass(frozen=True)
class Parity:
    """Over `positions` answer tokens: share of equal first choices, KL divergence from the trained model in nats.

    `perplexity_rise` is a share of the trained model's perplexity of the reference answers, below 0 for a fall.
    """

    positions: int
    top_one: float
    mean_kl: float
    largest_logit_difference: float
    perplexity_rise: float

    def as_dict(self) -> dict[str, Any]:
        """As results files have it, to six digits."""
        return {
            "positions": self.positions,
            "topOne": float(f"{self.top_one:.6g}"),
            "meanKl": float(f"{self.mean_kl:.6g}"),
            "largestLogitDifference": float(f"{self.largest_logit_difference:.6g}"),
            "perplexityRise": float(f"{self.perplexity_rise:.6g}"),
        }


def compare(expected: "torch.Tensor", found: "torch.Tensor", targets: "torch.Tensor") -> Parity:
    """Parity of logits of shape (positions, vocabulary) at which `targets`, of shape (positions,), come next."""
    import torch
    from torch.nn.functional import cross_entropy, kl_div, log_softmax

    difference = (expected - found).abs().max()
    kl = kl_div(log_softmax(found, -1), log_softmax(expected, -1), reduction="batchmean", log_target=True)
    rise = torch.exp(cross_entropy(found, targets) - cross_entropy(expected, targets)) - 1
    return Parity(
        positions=len(targets),
        top_one=(expected.argmax(-1) == found.argmax(-1)).double().mean().item(),
        # rounding can bring a divergence of nothing below nothing; one that is not a number stays as it is
        mean_kl=0.0 if kl < 0 else kl.item(),
        largest_logit_difference=difference.item(),
        perplexity_rise=rise.item(),
    )


def check(name: str, parity: Parity, is_quantised: bool) -> None:
    """WorkerFailure `export` when an export is further from the trained model than its form allows."""
    if is_quantised:
        is_good = parity.perplexity_rise <= MOST_PERPLEXITY_RISE
        figure = f"perplexity rises by {parity.perplexity_rise:.2%}, {MOST_PERPLEXITY_RISE:.0%} are allowed"
    else:
        is_good = parity.top_one >= LEAST_TOP_ONE and parity.mean_kl <= MOST_KL
        figure = (
            f"{parity.top_one:.2%} of first choices agree, {LEAST_TOP_ONE:.0%} are needed, and the mean KL divergence "
            f"is {parity.mean_kl:.2g}, {MOST_KL} is allowed"
        )
    # a figure that is not finite compares as false, and so does not pass
    if not is_good:
        raise refused(name, f"{figure} over {parity.positions} answer tokens")


def refused(name: str, figure: str) -> WorkerFailure:
    """The failure of an export that is not what was trained; nothing of the run is published then."""
    return WorkerFailure(
        "export",
        "ExportParity",
        f'export "{name}" does not answer as the trained model does: {figure}: choose more bits in output.gguf, or '
        "leave this export out",
    )
