"""The money of a run: what it has paid, and a hard stop before it could pay more than it may."""

import threading
from dataclasses import dataclass, field
from typing import Any

TOKENS = 1_000_000


@dataclass
class Budget:
    """`prices` of a million tokens; `maximum` None: no limit. `spent` begins with what earlier attempts have paid."""

    maximum: float | None
    prices: dict[str, float]
    spent: float = 0.0
    _reserved: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    is_exhausted: bool = False

    @staticmethod
    def of(maximum: float | None, endpoint: dict[str, Any], spent: float) -> "Budget":
        """The budget for an endpoint of an input."""
        return Budget(maximum, endpoint.get("prices") or {"input": 0.0, "output": 0.0}, spent)

    def stop(self) -> tuple[str, str]:
        """Reason and message of what is left out once it is used up."""
        return "BudgetExhausted", f"judge.maxCost {self.maximum:g} is used up: raise it, or lower maxSamples"

    def cost(self, prompt_tokens: int, answer_tokens: int) -> float:
        return (prompt_tokens * self.prices["input"] + answer_tokens * self.prices["output"]) / TOKENS

    def reserve(self, messages: list[dict[str, str]], answer_tokens: int) -> float | None:
        """Set aside the most that a request can cost; None when it could exceed the maximum."""
        most = self.cost(sum(len(each["content"].encode()) for each in messages), answer_tokens)
        with self._lock:
            if self.maximum is not None and self.spent + self._reserved + most > self.maximum:
                self.is_exhausted = True
                return None
            self._reserved += most
        return most

    def settle(self, reserved: float, cost: float) -> None:
        """Put what a request has cost in the place of what was set aside for it."""
        with self._lock:
            self._reserved -= reserved
            self.spent += cost


@dataclass
class Bill:
    """What one question pays, request by request, whatever came of them."""

    budget: Budget
    answer_tokens: int
    paid: float = 0.0
    _reserved: float | None = None

    def opens(self, messages: list[dict[str, str]]) -> bool:
        """Set aside what the next request can cost; whether there is so much."""
        self._reserved = self.budget.reserve(messages, self.answer_tokens)
        return self._reserved is not None

    def pays(self, prompt_tokens: int, answer_tokens: int) -> None:
        """Put what the request has cost in the place of what was set aside."""
        self._settle(self.budget.cost(prompt_tokens, answer_tokens))

    def closes(self) -> None:
        """Give back what a request without an answer had set aside."""
        self._settle(0.0)

    def _settle(self, cost: float) -> None:
        if self._reserved is not None:
            self.budget.settle(self._reserved, cost)
            self._reserved = None
            self.paid += cost
