"""What is asked of an endpoint, what it told, and why it was left with questions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from evaluator.answer_log import digest_of
from evaluator.endpoint import Endpoint, EndpointClosed, QuestionRefused
from evaluator.spending import Budget
from worker.failure import WorkerFailure


@dataclass(frozen=True)
class Question:
    """`vote` tells apart questions that are asked several times; `reads` gives None for an answer of no use."""

    messages: list[dict[str, str]]
    temperature: float
    vote: int
    reads: Callable[[str], Any]

    def key(self, endpoint: Endpoint) -> str:
        settings = {name: endpoint.settings[name] for name in ("baseURL", "model", "maxTokens")}
        return digest_of(
            {"endpoint": settings, "messages": self.messages, "temperature": self.temperature, "vote": self.vote}
        )


@dataclass(frozen=True)
class Stop:
    """Why questions were left unasked: the end of the budget, or an endpoint that answers no more."""

    reason: str
    message: str


def closed(failure: WorkerFailure) -> Stop | None:
    """The end of questions that will not be answered until somebody corrects something."""
    return Stop(failure.reason, failure.message) if isinstance(failure, EndpointClosed | QuestionRefused) else None


def left_out(endpoint: Endpoint, budget: Budget, too_long: int) -> Stop | None:
    """What kept questions from being sent though nothing had ended them. None of them is cut: half an answer would be
    judged for the whole.
    """
    if budget.is_exhausted:
        return Stop(*budget.stop())
    if not too_long:
        return None
    name, settings = endpoint.field, endpoint.settings
    remedy = f"lower {name}.maxTokens {settings['maxTokens']} or settings[].maxNewTokens, or choose one that reads more"
    return Stop(
        "JudgeContextTooShort",
        f"{too_long} questions do not fit {name}.maxContextTokens {settings['maxContextTokens']}: {remedy}",
    )


@dataclass(frozen=True)
class Told:
    """Answers by the place of their question: what was read, None for an unreadable one, absent for one not asked."""

    answers: dict[int, Any]
    texts: dict[int, str]
    requests: int
    # share of the allowed concurrency that was in use; None where nothing was asked
    use: float | None
    stopped: Stop | None = None

    @property
    def unreadable(self) -> int:
        return sum(answer is None for answer in self.answers.values())
