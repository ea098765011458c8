"""What of a training is told in a termination message."""

import json
from copy import deepcopy
from pathlib import Path

import pytest

from trainer.outcome.summary import told
from worker.failure import WorkerFailure

FIXTURES = Path(__file__).parents[2] / "contract" / "fixtures.json"


@pytest.fixture
def good():
    return deepcopy(json.loads(FIXTURES.read_text("utf-8"))["train-result"]["good"])


def warned(number: int, letters: int) -> list[dict[str, str]]:
    return [{"reason": f"Warned{index}", "message": "x" * letters} for index in range(number)]


def test_warnings_that_fit_are_all_told(good):
    summary = good["summary"] | {"warnings": warned(8, 20)}
    assert told(good["message"], good["artifact"], summary)["summary"]["warnings"] == warned(8, 20)


def test_the_last_warnings_give_way_to_what_a_termination_message_holds(good):
    exports = [summary_of_export(index) for index in range(6)]
    advice = ["y" * 120] * 5
    summary = good["summary"] | {"warnings": warned(8, 256), "exports": exports}
    summary["overfitting"] = {"verdict": "confirmed", "step": 48, "rise": 0.0564, "advice": advice}
    result = told("z" * 400, good["artifact"], summary)
    kept = result["summary"]["warnings"]
    assert 0 < len(kept) < 8 and kept == warned(8, 256)[: len(kept)]
    assert len(json.dumps(result, separators=(",", ":")).encode()) <= 4096


def test_what_breaks_the_contract_is_told_as_such(good):
    with pytest.raises(WorkerFailure, match="contract"):
        told(good["message"], good["artifact"], good["summary"] | {"step": "sixty"})


def summary_of_export(index: int) -> dict[str, object]:
    return {
        "name": f"gguf-q{index}",
        "bytes": 91000000,
        "sizeRatio": 0.31,
        "topOne": 1,
        "meanKl": 0,
        "perplexityRise": 0,
    }
