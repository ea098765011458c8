"""Questions without an answer, wrong assumptions, and what a document in hand is worth."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evaluator.items import Item
from evaluator.prompts import WITH_DOCUMENT, Setting
from evaluator.refusals import is_corrected, is_refused, refusal_counts
from tests.evaluator.conftest import row, without_size
from tests.evaluator.test_evaluate import lines, run, table
from worker.store import publish, staging


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("The documentation does not mention an option retryJitter.", True),
        ("There is no such option.", True),
        ("I don't know of any option with that name.", True),
        ("文档没有提到这个选项。", True),
        ("It is set to 30 seconds.", False),
        ("选项默认为三十秒。", False),
    ],
)
def test_evaluation_5_a_refusal_is_recognised(answer: str, expected: bool) -> None:
    assert is_refused(answer) is expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Actually, hooks run before the handler.", True),
        ("No: the default is 80.", True),
        ("不是这样，默认端口是 80。", True),
        ("Set it to 80. " * 20 + "It is not 90.", False),
        ("Yes, set it to 90.", False),
    ],
)
def test_evaluation_5_a_correction_comes_first(answer: str, expected: bool) -> None:
    assert is_corrected(answer) is expected


def test_evaluation_5_only_such_questions_count() -> None:
    outputs = ["There is no such option.", "Yes.", "There is no such option."]
    assert refusal_counts(outputs, ["unanswerable", "falsePremise", "factual"]) == [(1, 1), (0, 1), (0, 0)]


def test_evaluation_5_refusals_are_a_figure_of_their_own(evaluation: dict[str, Any], store: Path) -> None:
    folder = staging()
    rows = [row("test", number) | {"task": "unanswerable" if number < 3 else "factual"} for number in range(7)]
    (folder / "test.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows))
    dataset = without_size(publish(folder, "datasets"))
    result, _folder = run(evaluation | {"dataset": dataset, "splits": ["test"], "metrics": ["refusals", "bleu"]})
    figures = {each["metric"]: each for each in table(result)}
    assert (figures["refusals"]["samples"], figures["bleu"]["samples"]) == (3, 7)
    # of a dataset without such questions nothing is said
    result, _folder = run(evaluation | {"splits": ["test"], "metrics": ["refusals"]})
    assert [(each["samples"], each["verdict"]) for each in table(result)] == [(0, "Inconclusive")]


def test_evaluation_15_the_passages_stand_before_the_question() -> None:
    messages = [{"role": "user", "content": "Which port?"}, {"role": "assistant", "content": "80"}]
    item = Item("1", "test", "en", messages, "factual", ("The port is 80.", "The port is 80.", "It is open."))
    shown = Setting("d", 64, 8, WITH_DOCUMENT).messages(item)
    assert shown[0]["content"].endswith("<document>\nThe port is 80.\n\nIt is open.\n</document>\n\nWhich port?")
    assert shown[-1] == messages[-1]
    assert Setting("c", 64, 8).messages(item) == messages


def test_evaluation_15_tuned_without_documents_stands_beside_base_with_them(
    evaluation: dict[str, Any], publish_adapter: Callable[..., dict[str, str]]
) -> None:
    evaluation["settings"] = [
        {"name": "closed", "maxInputTokens": 512, "maxNewTokens": 6},
        {"name": "shown", "maxInputTokens": 512, "maxNewTokens": 6, "context": "WithDocument"},
    ]
    result, folder = run(evaluation | {"metrics": ["bleu", "perplexity"]})
    figures = {(each["setting"], each["split"], each["metric"]): each for each in table(result)}
    report = json.loads((folder / "report.json").read_text())["withDocument"]
    assert len(report["results"]) == 4
    for each in report["results"]:
        place = each["split"], each["metric"]
        assert each["baselineWithDocument"] == pytest.approx(figures["shown", *place]["base"], rel=1e-4)
        assert each["candidateClosedBook"] == pytest.approx(figures["closed", *place]["tuned"], rel=1e-4)
    assert "## Trained, or shown the document?" in (folder / "report.md").read_text()
    both = [[each["base"]["loss"] for each in lines(folder) if each["setting"] == name] for name in ("closed", "shown")]
    assert all(one != other for one, other in zip(*both, strict=True))
