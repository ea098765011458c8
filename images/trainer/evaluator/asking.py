"""Many questions to one endpoint: at the allowed concurrency, each asked once, within a budget."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from evaluator.answer_log import AnswerLog, digest_of
from evaluator.endpoint import Endpoint
from evaluator.spending import Budget
from worker.failure import WorkerFailure
from worker.termination import Termination

log = logging.getLogger("evaluator")

# an answer in a wrong form is asked for once more
TRIES = 2
SECOND_TRY = "That was not in the form that was asked for. Answer with the JSON object alone, without any other word."


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
class Told:
    """Answers by the place of their question: what was read, None for an unreadable one, absent for one not asked."""

    answers: dict[int, Any]
    texts: dict[int, str]
    requests: int
    # share of the allowed concurrency that was in use; None where nothing was asked
    use: float | None

    @property
    def unreadable(self) -> int:
        return sum(answer is None for answer in self.answers.values())


def ask_all(
    questions: list[Question],
    endpoint: Endpoint,
    answers: AnswerLog,
    budget: Budget,
    run: str,
    termination: Termination,
    progress: Callable[[int], None] = lambda _number: None,
) -> Told:
    """Ask what is not in `answers` yet. Stops at the end of the budget, and at SIGTERM by WorkerFailure
    `preemptedSaved`; a failure of the endpoint ends it too, with what was told kept in the log.
    """
    keys = [question.key(endpoint) for question in questions]
    waiting = [place for place, key in enumerate(keys) if answers.get(key) is None]
    # one question may stand in several places
    waiting = list({keys[place]: place for place in reversed(waiting)}.values())[::-1]
    started, busy, asked = time.monotonic(), 0.0, 0
    running: dict[Future[dict[str, Any] | None], int] = {}
    with ThreadPoolExecutor(endpoint.concurrency, thread_name_prefix="endpoint") as pool:
        try:
            while waiting or running:
                # one more than can run, so that no thread waits for this one
                while waiting and len(running) <= endpoint.concurrency and not budget.is_exhausted:
                    if termination.is_requested:
                        raise WorkerFailure(
                            "preemptedSaved",
                            "PreemptedSaved",
                            "stopped among the questions to an endpoint: start again",
                        )
                    place = waiting.pop(0)
                    running[pool.submit(_ask, endpoint, questions[place], budget, run)] = place
                if not running:
                    break
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                # a failure among them leaves the others where they are saved
                told = [(keys[running[each]], each.result()) for each in done]
                for each in done:
                    del running[each]
                told = [(key, value) for key, value in told if value is not None]
                answers.add(told)
                busy += sum(value["seconds"] for _, value in told)
                asked += sum(value["requests"] for _, value in told)
                progress(len(told))
        except BaseException:
            # what is under way is paid for: it is kept before the failure goes on
            for each in running:
                each.cancel()
            wait(running)
            rescued = [(keys[place], each) for each, place in running.items() if not each.cancelled()]
            answers.add(
                (key, each.result()) for key, each in rescued if each.exception() is None and each.result() is not None
            )
            raise
    seconds = time.monotonic() - started
    found = {place: answers.get(key) for place, key in enumerate(keys)}
    texts = {place: value["text"] for place, value in found.items() if value is not None}
    return Told(
        {place: questions[place].reads(text) for place, text in texts.items()},
        texts,
        asked,
        busy / (seconds * endpoint.concurrency) if asked else None,
    )


def _ask(endpoint: Endpoint, question: Question, budget: Budget, run: str) -> dict[str, Any] | None:
    """One question, and once more where the answer has not the form; None at the end of the budget."""
    messages, cost, seconds, asked = question.messages, 0.0, 0.0, 0
    text = None
    while asked < TRIES:
        reserved = budget.reserve(messages, endpoint.settings["maxTokens"])
        if reserved is None:
            break
        paid = 0.0
        try:
            reply = endpoint.ask(messages, question.temperature)
            paid = budget.cost(reply.prompt_tokens, reply.answer_tokens)
        finally:
            budget.settle(reserved, paid)
        text, cost, seconds, asked = reply.text, cost + paid, seconds + reply.seconds, asked + 1
        if question.reads(text) is not None:
            break
        messages = [
            *question.messages,
            {"role": "assistant", "content": text or "-"},
            {"role": "user", "content": SECOND_TRY},
        ]
    if text is None:
        return None
    return {"text": text, "cost": cost, "seconds": seconds, "requests": asked, "run": run}


def paid_by(answers: AnswerLog, run: str) -> float:
    """What the attempts of a run have paid so far."""
    return sum(value["cost"] for value in answers.values() if value.get("run") == run)
