"""A pace is kept by the units that were really used, whoever waits for it."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from evaluator import endpoint as endpoint_module
from evaluator.endpoint import Endpoint
from evaluator.pace import Pace, estimated_tokens
from tests.evaluator.chat_server import endpoint, parts, serving
from tests.evaluator.test_judge import RIGHT, WRONG, fair, judged, reasons


class Clock:
    """Jumps whenever somebody waits."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


def pace(per_minute: float) -> tuple[Pace, Clock]:
    clock = Clock()
    return Pace(per_minute, clock.now, clock.sleep), clock


def test_evaluation_18_a_pace_is_never_passed_within_any_minute() -> None:
    lots = random.Random(5)
    for _round in range(60):
        per_minute = lots.randint(1, 500)
        kept, clock = pace(per_minute)
        most = max(1, per_minute // 12)
        taken = []
        for _take in range(60):
            units = min(lots.randint(1, 40), most)
            kept.take(units)
            taken.append((clock.at, units))
        for start, _units in taken:
            assert sum(units for at, units in taken if start <= at < start + 60) <= per_minute


def test_evaluation_18_a_pace_is_used_well() -> None:
    kept, clock = pace(600)
    for _take in range(3000):
        kept.take(1)
    assert clock.at / 60 < 5.5


def test_evaluation_18_what_was_not_used_is_there_again_and_what_was_used_beyond_is_owed() -> None:
    kept, clock = pace(1200)
    kept.take(100)
    kept.correct(100, 0)
    kept.take(100)
    kept.correct(100, 200)
    assert clock.at == 0
    kept.take(1)
    # 101 units at 1101 a minute
    assert clock.at == pytest.approx(101 / 1101 * 60, rel=1e-3)


def test_evaluation_18_more_than_fits_at_once_is_given_to_one_and_owed() -> None:
    kept, clock = pace(1000)
    kept.take(5000)
    assert clock.at == 0
    kept.take(1)
    assert clock.at > 60


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("abcd", 1), ("abcde", 2), ("端口是", 2), ("port 端口", 3)])
def test_evaluation_18_tokens_are_estimated_as_for_datasets(text: str, tokens: int) -> None:
    assert estimated_tokens([{"role": "user", "content": text}]) == tokens


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """That of all endpoints of the test."""
    shared = Clock()
    monkeypatch.setattr(endpoint_module, "Pace", lambda per_minute: Pace(per_minute, shared.now, shared.sleep))
    return shared


def ask(asked: Endpoint, number: int) -> None:
    for _question in range(number):
        asked.ask([{"role": "user", "content": "a"}], 0.0)


def test_evaluation_18_a_judge_is_asked_within_tokens_per_minute(clock: Clock) -> None:
    with serving(lambda _body: "{}") as server:
        ask(Endpoint(endpoint(server), "judge.openai"), 6)
        assert clock.at == 0
        # each takes 120 tokens, of which 400 are there at the beginning, and 73.3 more a second
        ask(Endpoint(endpoint(server, tokensPerMinute=4800), "judge.openai"), 6)
    assert clock.at == pytest.approx((6 * 120 - 400) / 73.3, abs=0.9)


def test_evaluation_18_requests_per_minute_are_kept_too(clock: Clock) -> None:
    with serving(lambda _body: "{}") as server:
        ask(Endpoint(endpoint(server, requestsPerMinute=60), "judge.openai"), 61)
        assert clock.at >= 60


def test_evaluation_7_a_question_that_the_judge_cannot_read_is_not_sent_and_told(store: Path) -> None:
    long = "and so on " * 400
    pairs = [(f"{WRONG} context {n}", f"{RIGHT} context {n}") for n in range(4)] + [(f"{WRONG} {long}", RIGHT)]
    with serving(fair) as server:
        value: dict[str, Any] = {"endpoint": endpoint(server, maxContextTokens=1024)}
        found = judged(server, pairs, **value)
        assert not any(long in json.dumps(body) for body in server.requests)
        # the other answer of the same item is graded
        assert len(server.requests) == 4 * 4 + 1
        server.requests.clear()
        whole = judged(server, pairs, endpoint=endpoint(server, maxContextTokens=8192))
        assert len(server.requests) == 3 and all(long.strip() in json.dumps(parts(body)) for body in server.requests)
    stopped = found.summary["stopped"]
    assert (found.summary["asked"], stopped["reason"], reasons(found)) == (
        17,
        "JudgeContextTooShort",
        {"JudgeContextTooShort"},
    )
    assert stopped["message"].startswith(
        "3 questions do not fit judge.openai.maxContextTokens 1024: lower judge.openai.maxTokens 64 or settings[].max"
    )
    assert (whole.summary["asked"], whole.summary["stopped"]) == (20, None)


def test_evaluation_7_a_second_try_that_would_not_fit_is_not_sent(store: Path) -> None:
    with serving(lambda _body: "prose " * 2000) as server:
        found = judged(server, [(f"{WRONG} once", f"{RIGHT} once")], endpoint=endpoint(server, maxContextTokens=1024))
        assert len(server.requests) == 4
    assert (found.summary["asked"], found.summary["unreadable"]) == (4, 4)
