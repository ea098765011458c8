"""What queries cost: by the time that a machine takes for them, or by their tokens."""

from evaluator.serving.timing import Timing

HOUR = 3600
TOKENS = 1_000_000
DIGITS = 6


def cost_per_thousand(
    timings: list[Timing], seconds: float, price_per_hour: float | None, prices: dict[str, float] | None
) -> float | None:
    """Of a thousand queries such as those that took `seconds` in all; None without a price, or where the server counts
    no tokens that would be paid.
    """
    if price_per_hour:
        return _rounded(1000 * price_per_hour * seconds / HOUR / len(timings))
    counted = [timing.usage for timing in timings if timing.usage]
    if not prices or not counted:
        return None
    paid = sum(
        (usage.prompt - usage.cached) * prices["input"]
        + usage.cached * prices["cachedInput"]
        + usage.answer * prices["output"]
        for usage in counted
    )
    return _rounded(1000 * paid / TOKENS / len(counted))


def _rounded(value: float) -> float:
    """Costs run from hundreds to millionths: it is digits that count, not places."""
    return float(f"{value:.{DIGITS}g}")
