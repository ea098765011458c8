"""Results that are too long for a termination message say less, and say that they do."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from evaluator.compare import Comparison, Wins
from evaluator.incumbent import Incumbent
from evaluator.report import Findings
from evaluator.result import Told, shortest_result
from evaluator.table import TableRow
from worker.contract import problem
from worker.failure import WorkerFailure
from worker.result import MAX_BYTES, _encode

# the longest names, as many as there is room for in two settings
METRICS = (
    *("bleu", "chrfPlusPlus", "rougeL", "exactMatch", "bleu4_char_llamafactory"),
    *("termRecall", "bitsPerByte", "codeParses", "inventedSymbols"),
)
REPORT = {"uri": "pvc://doctune-artifacts/artifacts/reports/" + "a" * 64, "digest": "sha256:" + "a" * 64, "size": 9}
BENCHMARK = {
    "name": "mmlu",
    "metric": "acc",
    "base": 41.234567,
    "tuned": 40.123456,
    "items": 400,
    "lost": 20,
    "gained": 10,
}
SERVED = {
    "model": "tuned",
    "concurrency": 16,
    "requests": 32,
    "tokensPerSecond": 123.45,
    "requestsPerSecond": 1.234,
} | dict.fromkeys(("ttftP50", "ttftP90", "ttftP99", "tokenP50", "tokenP99"), 1234.567)


def row(number: int, metric: str, split: str, setting: str) -> TableRow:
    base = 12.3456789 + number
    comparison = Comparison(
        base, base + 1.23456789, 1.23456789, (-0.123456789, 2.3456789), 0.01234, 1.0, Wins(1, 2, 3, 1.0)
    )
    return TableRow("tuned", metric, split, setting, 64, comparison, 0.0123456, "Inconclusive")


def told(figures: int, settings: int = 1, benchmarks: int = 0, served: int = 0) -> Told:
    names = [f"setting-{number}" for number in range(settings)]
    places = [(metric, split, name) for name in names for split in ("recall", "test") for metric in METRICS]
    rows = [row(number, *place) for number, place in enumerate(places[:figures])]
    assert len(rows) == figures
    summaries: dict[str, Any] = {
        "benchmarks": [BENCHMARK | {"name": f"benchmark-of-a-subject-{number}"} for number in range(benchmarks)],
        "serving": [SERVED] * served,
    }
    return Told(Findings(rows, [], []), "base", ["tuned"], names, REPORT, Counter(), summaries)


def test_evaluation_17_figures_worse_than_the_promoted_adapter_always_fit_and_the_rest_is_counted() -> None:
    few, most = told(4), told(36, settings=2)
    for given in (few, most):
        rows = [
            replace(row, verdict="Worse", p=0.01 + number / 1000) for number, row in enumerate(given.findings.table)
        ]
        against = result(replace(given, incumbent=Incumbent(rows[::-1])))["summary"]["incumbent"]
        assert against["compared"] == len(rows)
        assert len(against["worse"]) + against["more"] == len(rows)
        # the surest first
        assert against["worse"][0][:3] == result(given)["summary"]["results"][0][:3]
        assert (against["more"] > 0) == (given is most)
    problem = {"reason": "NoCommonQuestions", "message": "x" * 256}
    told_of = result(replace(most, incumbent=Incumbent([], problem=problem)))["summary"]["incumbent"]
    assert told_of == {"compared": 0, "worse": [], "more": 0, "problem": problem}


def result(given: Told) -> dict[str, Any]:
    found = shortest_result(given)
    assert problem("evaluate-result", found) is None
    assert len(_encode(found)) <= MAX_BYTES
    assert len(found["summary"]["results"]) == len(given.findings.table)
    return found


def test_evaluation_18_a_short_result_says_all() -> None:
    found = result(told(4, benchmarks=1, served=1))
    summary = found["summary"]
    assert "leftOut" not in summary
    assert (summary["benchmarks"][0]["lost"], len(summary["serving"])) == (20, 1)
    assert summary["results"][0][3:5] == [12.3457, 13.5802]
    assert found["message"].startswith("recall: bleu 12.35 -> 13.58 (Inconclusive), ")


def test_evaluation_18_a_longer_one_has_rounder_figures_first() -> None:
    sizes = [(number, 0) for number in range(17)] + [(16, number) for number in range(1, 9)]
    longer = [result(told(18, benchmarks=number, served=served))["summary"] for number, served in sizes]
    figures = [summary["results"][0][3] for summary in longer]
    assert list(dict.fromkeys(figures)) == [12.3457, 12.35, 12.3]
    # nothing is left out while there is another way
    left_out = ["leftOut" in summary for summary in longer]
    assert left_out == sorted(left_out) and left_out[-1] and not left_out[figures.index(12.3)]


def test_evaluation_18_what_a_result_leaves_out_is_told() -> None:
    given = told(27, settings=2, benchmarks=12, served=6)
    summary = result(given)["summary"]
    assert summary["leftOut"] == ["benchmarks", "serving"]
    assert not {"benchmarks", "serving"} & set(summary)
    # what was not measured is not said to be left out
    assert result(told(27, settings=2, served=8))["summary"]["leftOut"] == ["serving"]


def test_evaluation_18_the_most_figures_of_a_spec_fit_with_verdicts_for_a_message() -> None:
    found = result(told(36, settings=2))
    assert found["message"] == "0 Better, 0 Worse, 36 Inconclusive"
    assert "leftOut" not in found["summary"]
    alone = told(18)
    alone.settings[0] = "s" * 63
    many = Told(
        Findings([row(n, METRICS[n % 9], "recall", "a") for n in range(36)], [], []),
        "base",
        ["tuned"],
        ["a"],
        REPORT,
        Counter(),
        {},
    )
    assert result(many)["message"] == "0 Better, 0 Worse, 36 Inconclusive"


def test_evaluation_18_what_fits_in_no_form_is_a_failure_that_says_so() -> None:
    given = told(36, settings=2)
    given.summaries["judge"] = {"asked": "x" * 5000}
    with pytest.raises(WorkerFailure) as failed:
        shortest_result(given)
    assert failed.value.reason == "InvalidResult"


def test_evaluation_18_more_rows_of_benchmarks_than_there_is_room_for_are_told_to_be_some() -> None:
    short = {"name": "m", "metric": "acc", "base": 1, "tuned": 1, "items": 1, "lost": None, "gained": None}
    given = told(4)
    given.summaries["benchmarks"] = [short | {"metric": f"m{number}"} for number in range(17)]
    summary = result(given)["summary"]
    assert [each["metric"] for each in summary["benchmarks"]] == [f"m{number}" for number in range(16)]
    assert summary["leftOut"] == ["benchmarks"]
    given.summaries["benchmarks"].pop()
    assert "leftOut" not in result(given)["summary"]
