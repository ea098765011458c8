"""Many questions to one endpoint: at the allowed concurrency, each asked once, within a budget."""

import logging
import secrets
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from evaluator.answer_log import AnswerLog
from evaluator.endpoint import Endpoint, EndpointClosed, Unaffordable
from evaluator.questions import Question, Stop, Told, closed, left_out
from evaluator.spending import Bill, Budget
from worker.failure import WorkerFailure
from worker.termination import Termination

log = logging.getLogger("evaluator")

# an answer in a wrong form is asked for once more
TRIES = 2
# so many times all questions under way, one after the other, got no answer: that is no fault of theirs
HOPELESS_ROUNDS = 3
SECOND_TRY = "That was not in the form that was asked for. Answer with the JSON object alone, without any other word."


@dataclass(frozen=True)
class _Turn:
    """What came of one question: lines for the log, paid for whatever became of it, and what ended it."""

    lines: list[tuple[str, dict[str, Any]]]
    failure: WorkerFailure | None = None


@dataclass
class _Unanswered:
    """Questions that got no answer. One alone is left for the others; of so many in a row none is to blame itself."""

    hopeless: int
    ends: Callable[[WorkerFailure], Stop | None]
    first: WorkerFailure | None = None
    in_a_row: int = 0

    def after(self, turns: list[_Turn]) -> Stop | None:
        """The end of all questions, if they have come to it. The failure itself where it does not end them."""
        for failure in (turn.failure for turn in turns):
            self.in_a_row = self.in_a_row + 1 if failure else 0
            self.first = self.first or failure
            if failure and (isinstance(failure, EndpointClosed) or self.in_a_row >= self.hopeless):
                return self._stop(failure)
        return None

    def at_the_end(self) -> Stop | None:
        return self._stop(self.first) if self.first else None

    def _stop(self, failure: WorkerFailure) -> Stop:
        stop = self.ends(failure)
        if stop is None:
            raise failure
        return stop


def ask_all(
    questions: list[Question],
    endpoint: Endpoint,
    answers: AnswerLog,
    budget: Budget,
    run: str,
    termination: Termination,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    ends: Callable[[WorkerFailure], Stop | None] = closed,
) -> Told:
    """Ask what is not in `answers` yet. A question without an answer is left for the others, until it looks as if none
    had one. What was told until then, or until the end of the budget, is given with the reason where the failure
    `ends` the questions, and so is what is too long to be asked. SIGTERM ends by WorkerFailure `preemptedSaved`, any
    other failure by itself, both with what was told kept in the log. `progress` is told the answers that are there, of
    how many.
    """
    keys = [question.key(endpoint) for question in questions]
    waiting = [place for place, key in enumerate(keys) if answers.get(key) is None]
    # one question may stand in several places
    waiting = list({keys[place]: place for place in reversed(waiting)}.values())[::-1]
    wanted, missing = set(keys), len(waiting)
    too_long = {place for place in waiting if not endpoint.fits(questions[place].messages)}
    waiting = [place for place in waiting if place not in too_long]
    total = len(wanted)
    progress(total - missing, total)
    started, busy, asked = time.monotonic(), 0.0, 0
    running: dict[Future[_Turn], int] = {}
    stopped: Stop | None = None
    unanswered = _Unanswered(HOPELESS_ROUNDS * endpoint.concurrency, ends)
    with ThreadPoolExecutor(endpoint.concurrency, thread_name_prefix="endpoint") as pool:
        try:
            while waiting or running:
                # one more than can run, so that no thread waits for this one
                while waiting and len(running) <= endpoint.concurrency and not (stopped or budget.is_exhausted):
                    _stop_if_asked(termination)
                    place = waiting.pop(0)
                    begun = answers.get(_first_try(keys[place]))
                    running[pool.submit(_ask, endpoint, questions[place], keys[place], begun, budget, run)] = place
                if not running:
                    break
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                turns = [each.result() for each in done]
                for each in done:
                    del running[each]
                lines = [line for turn in turns for line in turn.lines]
                answers.add(lines)
                busy += sum(value["seconds"] for _, value in lines)
                asked += sum(value["requests"] for _, value in lines)
                missing -= sum(key in wanted for key, _ in lines)
                progress(total - missing, total)
                stopped = stopped or unanswered.after(turns)
                if stopped:
                    running = {each: place for each, place in running.items() if not each.cancel()}
        except BaseException:
            # what is under way is paid for: it is kept before the failure goes on
            for each in running:
                each.cancel()
            wait(running)
            ended = [each for each in running if not each.cancelled() and each.exception() is None]
            answers.add(line for each in ended for line in each.result().lines)
            raise
    stopped = stopped or unanswered.at_the_end()
    use = busy / ((time.monotonic() - started) * endpoint.concurrency) if asked else None
    found = {place: answers.get(key) for place, key in enumerate(keys)}
    texts = {place: value["text"] for place, value in found.items() if value is not None}
    if len(texts) == len(questions):
        stopped = None
    elif stopped is None:
        stopped = left_out(endpoint, budget, len(too_long))
    read = {place: questions[place].reads(text) for place, text in texts.items()}
    return Told(read, texts, asked, use, stopped)


def _stop_if_asked(termination: Termination) -> None:
    if termination.is_requested:
        message = "stopped among the questions to an endpoint: start again"
        raise WorkerFailure("preemptedSaved", "PreemptedSaved", message)


def _first_try(key: str) -> str:
    """Where a first try is kept whose second one did not come: paid for, and not yet an answer."""
    return f"{key}/first"


def _in_vain(key: str) -> str:
    """Where the cost of answers of no use is kept, each for itself: all of them were paid."""
    return f"{key}/vain/{secrets.token_hex(4)}"


def _ask(
    endpoint: Endpoint, question: Question, key: str, begun: dict[str, Any] | None, budget: Budget, run: str
) -> _Turn:
    """One question, and once more where the answer has not the form; without a line at the end of the budget.

    `begun` is a first try of an earlier run, from which this one goes on.
    """
    bill, seconds, requests = Bill(budget, endpoint.settings["maxTokens"]), 0.0, 0
    text = begun["text"] if begun else None
    tries, is_told, failure = int(begun is not None), False, None
    while not is_told:
        messages = question.messages if text is None else [*question.messages, *_again(text)]
        if not bill.opens(messages):
            break

        def wasted(prompt: int, answer: int, messages: list[dict[str, str]] = messages) -> bool:
            bill.pays(prompt, answer)
            return bill.opens(messages)

        try:
            reply = endpoint.ask(messages, question.temperature, wasted)
            bill.pays(reply.prompt_tokens, reply.answer_tokens)
        except Unaffordable:
            break
        except WorkerFailure as error:
            failure = error
            break
        finally:
            bill.closes()
        text, seconds = reply.text, seconds + reply.seconds
        tries, requests = tries + 1, requests + 1
        is_told = question.reads(text) is not None or tries == TRIES or not endpoint.fits(messages + _again(text))
    line = {"text": text, "cost": bill.paid, "seconds": seconds, "requests": requests, "run": run}
    if not requests:
        return _Turn([(_in_vain(key), line)] if bill.paid else [], failure)
    return _Turn([(key if is_told else _first_try(key), line)], failure)


def _again(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text or "-"}, {"role": "user", "content": SECOND_TRY}]


def paid_by(answers: AnswerLog, run: str) -> float:
    """What the attempts of a run have paid so far."""
    return sum(value["cost"] for value in answers.values() if value.get("run") == run)
