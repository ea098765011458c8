"""Times of a server whose pace is known."""

import json
from typing import Any

import pytest

from evaluator.serving.cost import cost_per_thousand
from evaluator.serving.measure import measure_endpoint, summarise
from evaluator.serving.timing import Timing, Usage, chunks, text_of, usage_of
from tests.evaluator.chat_server import endpoint, serving
from tests.evaluator.test_evaluate import run
from worker.failure import WorkerFailure

SAID = "one two three four five six seven eight nine ten"


def test_evaluation_11_the_pace_of_a_server_is_found_out() -> None:
    with serving(lambda _body: SAID, seconds=0.1, piece_seconds=0.03) as server:
        value = {"endpoint": endpoint(server, maxTokens=64), "baseModel": "plain", "concurrency": [1, 4], "requests": 8}
        rows = measure_endpoint(value, ["a", "b", "c"])
    assert [(row["model"], row["concurrency"], row["requests"]) for row in rows] == [
        ("tuned", 1, 8),
        ("tuned", 4, 8),
        ("base", 1, 8),
        ("base", 4, 8),
    ]
    for row in rows:
        assert 100 <= row["ttftP50"] <= row["ttftP90"] <= row["ttftP99"] < 2000
        assert 29 <= row["tokenP50"] <= row["tokenP99"]
    # ten tokens in about 0.37 seconds, and four times as many where four are under way
    alone, four = rows[0]["tokensPerSecond"], rows[1]["tokensPerSecond"]
    assert alone <= 10 / 0.37 * 1.02
    assert four > 2 * alone
    assert {body["model"] for body in server.requests} == {"judge-1", "plain"}
    # 8 of each row, and two for each place to warm up
    assert len(server.requests) == 4 * 8 + 2 * (2 * 1 + 8)
    prompts = {
        model: [b["messages"][0]["content"] for b in server.requests if b["model"] == model]
        for model in ("judge-1", "plain")
    }
    assert sorted(prompts["judge-1"]) == sorted(prompts["plain"])


def test_evaluation_11_percentiles_are_those_of_all_requests() -> None:
    timings = [Timing(number / 1000, [0.01, 0.02], 1.0) for number in range(1, 101)]
    row = summarise(timings, 10.0)
    assert (row["ttftP50"], row["ttftP90"], row["ttftP99"]) == pytest.approx((50.5, 90.1, 99.01))
    assert row["tokensPerSecond"] == 30
    assert summarise([Timing(0.1, [], 0.1)], 1.0)["tokensPerSecond"] == 1


def test_evaluation_11_events_that_are_no_text_are_passed_over() -> None:
    lines = [
        b": comment",
        b"",
        b"data: " + json.dumps({"choices": []}).encode(),
        b'data: {"choices": [{"delta": {"content": "a"}}]}',
        b'data: {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}',
        b"data: [DONE]",
    ]
    told = list(chunks(iter(lines)))
    assert [text_of(chunk) for chunk in told] == ["", "a", ""]
    assert [usage_of(chunk) for chunk in told] == [None, None, Usage(7, 0, 3)]


def test_evaluation_11_requests_without_an_answer_are_counted() -> None:
    with serving(lambda body: 500 if body["messages"][0]["content"] == "bad" else SAID) as server:
        value = {"endpoint": endpoint(server), "concurrency": [2], "requests": 9}
        (row,) = measure_endpoint(value, ["good", "bad", "fine"])
    assert (row["requests"], row["failed"]) == (9, 3)
    assert row["ttftP99"] > 0


def test_evaluation_11_a_thousand_queries_cost_what_the_machine_or_the_tokens_do() -> None:
    timings = [Timing(0.1, [0.1], 0.2, Usage(100, 40, 20))] * 4
    # four queries in two seconds are 7200 in an hour
    assert cost_per_thousand(timings, 2.0, 7.2, None) == 1.0
    prices = {"input": 1.0, "cachedInput": 0.1, "output": 5.0}
    assert cost_per_thousand(timings, 2.0, None, prices) == pytest.approx((60 + 4 + 100) / 1000)
    assert cost_per_thousand(timings, 2.0, None, None) is None
    assert cost_per_thousand([Timing(0.1, [0.1], 0.2)], 2.0, None, prices) is None


def test_evaluation_11_a_server_that_is_paid_by_tokens_counts_them() -> None:
    prices = {"input": 1.0, "cachedInput": 0.1, "output": 5.0}
    with serving(lambda _body: SAID) as server:
        value = {"concurrency": [1], "requests": 2, "pricePerHour": None}
        (paid,) = measure_endpoint(value | {"endpoint": endpoint(server, prices=prices)}, ["a"])
        (free,) = measure_endpoint(value | {"endpoint": endpoint(server)}, ["a"])
    assert paid["costPerThousand"] == pytest.approx((60 + 4 + 100) / 1000)
    assert "costPerThousand" not in free
    # a server may turn down what it does not know
    assert ["stream_options" in body for body in server.requests] == [True] * 4 + [False] * 4


@pytest.mark.parametrize(
    ("answer", "reason"), [(401, "EndpointUnauthorized"), (500, "EndpointUnavailable"), ("", "EndpointUnavailable")]
)
def test_evaluation_11_a_server_that_does_not_answer_is_told(answer: Any, reason: str) -> None:
    with serving(lambda _body: answer) as server, pytest.raises(WorkerFailure) as failed:
        measure_endpoint({"endpoint": endpoint(server), "concurrency": [1], "requests": 1}, ["a"])
    assert failed.value.reason == reason and failed.value.message.startswith("serving.openai: ")


@pytest.mark.parametrize("answer", [404, 500])
def test_evaluation_11_a_server_that_fails_costs_nothing_but_its_times(evaluation: dict[str, Any], answer: int) -> None:
    with serving(lambda _body: answer) as server:
        wanted = {"endpoint": endpoint(server), "concurrency": [1], "requests": 2}
        result, folder = run(evaluation | {"metrics": ["bleu"], "serving": wanted})
    assert result["summary"]["results"]
    assert result["summary"]["notes"] == ["NotServed"]
    assert "serving" not in result["summary"]
    assert "serving.openai: " in (folder / "report.md").read_text()


def test_evaluation_11_an_evaluation_has_the_times_of_its_server(evaluation: dict[str, Any]) -> None:
    with serving(lambda _body: SAID) as server:
        wanted = {"endpoint": endpoint(server), "baseModel": "plain", "concurrency": [1, 2], "requests": 4}
        result, folder = run(evaluation | {"metrics": ["bleu"], "serving": wanted})
    assert [row["model"] for row in result["summary"]["serving"]] == ["tuned", "tuned", "base", "base"]
    assert "## Serving" in (folder / "report.md").read_text()
