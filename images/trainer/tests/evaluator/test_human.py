"""Blind sheets: nobody can tell which model is which, and what comes back is read with suspicion."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from statsmodels.stats.inter_rater import fleiss_kappa
from statsmodels.stats.proportion import proportion_confint

from evaluator.answer_log import shared_folder
from evaluator.human import conclude, review
from evaluator.table import Pair
from tests.evaluator.test_evaluate import run
from tests.evaluator.test_judge import answers

PAIR = Pair("base", "tuned", ())


def key_of(store: Path, rows: list[dict[str, str]]) -> dict[str, dict[str, str]]:
    keys = [json.loads(path.read_text()) for path in (store / "cache/evaluations/people").glob("*/key.json")]
    return next(key for key in keys if set(key) == {row["id"] for row in rows})


def sheet(
    pairs: list[tuple[str, str]], sample: int = 50, verdicts: Path | None = None
) -> tuple[Any, list[dict[str, str]]]:
    value = {"sample": sample, "verdicts": str(verdicts) if verdicts else None}
    reviewed = review(value, answers(pairs), PAIR, 42)
    text = reviewed.parts[0].files["sheet.csv"]
    # without it a spreadsheet takes Chinese for the encoding of the country
    assert text.startswith("\ufeffid,")
    return reviewed, list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def filled(folder: Path, rows: list[dict[str, str]], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    folder.mkdir(exist_ok=True)
    with (folder / "verdicts.csv").open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, ["id", "preferred", "rater", "comment"], delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return folder


def test_evaluation_12_a_sheet_hides_which_model_is_which(store: Path) -> None:
    pairs = [(f"base says {number}", f"tuned says {number}") for number in range(60)]
    _reviewed, rows = sheet(pairs, sample=40)
    assert len(rows) == 40
    first = [row["A"].split()[0] for row in rows]
    # both come first about as often, and the id does not tell which
    assert 8 <= first.count("tuned") <= 32
    assert all({row["A"].split()[0], row["B"].split()[0]} == {"base", "tuned"} for row in rows)
    assert all(row["preferred"] == row["rater"] == "" for row in rows)
    # made once: the order of a second run is the same
    assert sheet(pairs, sample=40)[1] == rows
    assert (shared_folder("people", "x").parent).is_relative_to(store)


def test_evaluation_12_wins_have_wilsons_interval_and_two_raters_cohens_kappa(store: Path, tmp_path: Path) -> None:
    pairs = [(f"b {number}", f"t {number}") for number in range(20)]
    _reviewed, rows = sheet(pairs)
    key = key_of(store, rows)

    def prefers(row: dict[str, str], model: str) -> str:
        return "A" if key[row["id"]]["A"] == model else "B"

    said = [
        {"id": row["id"], "rater": rater, "preferred": prefers(row, "candidate" if place < 15 else "baseline")}
        for rater in ("ann", "bob")
        for place, row in enumerate(rows)
    ]
    reviewed, _rows = sheet(pairs, verdicts=filled(tmp_path / "v", said))
    low, high = proportion_confint(15, 20, method="wilson")
    assert reviewed.summary is not None and reviewed.notes == []
    assert (reviewed.summary["wins"], reviewed.summary["losses"], reviewed.summary["ties"]) == (15, 5, 0)
    assert (reviewed.summary["low"], reviewed.summary["high"]) == pytest.approx((100 * low, 100 * high), abs=1e-3)
    assert reviewed.summary["kappa"] == 1.0
    assert "Cohen's kappa is 1.00" in reviewed.parts[0].markdown


def test_evaluation_12_three_raters_have_fleiss_kappa() -> None:
    key = {str(number): {"A": "candidate"} for number in range(6)}
    said = ["AAB", "AAA", "BBA", "tBA", "BBB", "AtA"]
    verdicts = {
        str(rater): {str(at): {"t": "tie"}.get(each[rater], each[rater]) for at, each in enumerate(said)}
        for rater in range(3)
    }
    found = conclude(verdicts, key)
    counts = [[each.count("A"), each.count("B"), each.count("t")] for each in said]
    assert found["kappa"] == pytest.approx(fleiss_kappa(counts, method="fleiss"), abs=1e-4)
    assert (found["wins"], found["losses"], found["ties"]) == (3, 2, 1)


# a letter that each of the encodings has, and none as UTF-8 has it
IN_GREEK = {"id": "x", "preferred": "A", "rater": "\u03b1\u03bd\u03bd\u03b1"}


@pytest.mark.parametrize(
    ("change", "encoding", "text"),
    [
        (lambda rows: [*rows, {"id": "foreign", "preferred": "A", "rater": "ann"}], "utf-8", "is of another sheet"),
        (lambda rows: [*rows, rows[0]], "utf-8", 'rater "ann" has judged'),
        (lambda rows: [rows[0] | {"preferred": "left"}], "utf-8", "none of A, B and tie"),
        (lambda rows: [rows[0] | {"preferred": ""}], "utf-8", "prefers nothing"),
        (lambda rows: [rows[0] | {"comment": "x" * (1 << 18)}], "utf-8", "close the quotes"),
        (lambda rows: [*rows, IN_GREEK], "gbk", 'is no UTF-8: save it as "CSV UTF-8"'),
        (lambda rows: [*rows, IN_GREEK], "utf-16", 'is no UTF-8: save it as "CSV UTF-8"'),
        (lambda rows: [*rows, rows[0] | {"rater": "andr\u00e9"}], "latin-1", 'is no UTF-8: save it as "CSV UTF-8"'),
    ],
)
def test_evaluation_12_a_bad_sheet_is_refused_and_the_rest_is_kept(
    store: Path, tmp_path: Path, change: Any, encoding: str, text: str
) -> None:
    pairs = [(f"b {number}", f"t {number}") for number in range(5)]
    _reviewed, rows = sheet(pairs)
    said = [{"id": row["id"], "preferred": "A", "rater": "ann"} for row in rows]
    reviewed, again = sheet(pairs, verdicts=filled(tmp_path / "v", change(said), encoding))
    assert [note["reason"] for note in reviewed.notes] == ["VerdictsRefused"]
    assert text in reviewed.notes[0]["message"]
    assert reviewed.summary is None and again == rows


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_evaluation_12_a_sheet_of_a_spreadsheet_of_any_country_is_read(
    store: Path, tmp_path: Path, delimiter: str, encoding: str
) -> None:
    pairs = [(f"b {number}", f"t {number}") for number in range(5)]
    _reviewed, rows = sheet(pairs)
    said = [{"id": row["id"], "preferred": "tie", "rater": "安", "comment": "a, b; c, d; e,\nf"} for row in rows]
    reviewed, _again = sheet(pairs, verdicts=filled(tmp_path / "v", said, encoding, delimiter))
    assert reviewed.notes == []
    assert (reviewed.summary["ties"], reviewed.summary["raters"]) == (5, 1)


def test_evaluation_12_a_missing_sheet_or_column_is_named(store: Path, tmp_path: Path) -> None:
    pairs = [("b", "t")]
    assert 'no key "verdicts.csv"' in sheet(pairs, verdicts=tmp_path)[0].notes[0]["message"]
    (tmp_path / "verdicts.csv").write_text("id,winner\n")
    assert 'no column "preferred"' in sheet(pairs, verdicts=tmp_path)[0].notes[0]["message"]


def test_evaluation_12_no_cell_is_a_formula_and_equal_answers_are_left_out(store: Path) -> None:
    _reviewed, rows = sheet([("=1+1", "@SUM(A1)"), ("same", "same")])
    assert len(rows) == 1
    assert {rows[0]["A"], rows[0]["B"]} == {"'=1+1", "'@SUM(A1)"}


def test_evaluation_12_a_report_has_the_sheet_and_not_the_key(evaluation: dict[str, Any]) -> None:
    result, folder = run(evaluation | {"metrics": ["bleu"], "people": {"sample": 6, "verdicts": None}})
    assert len((folder / "sheet.csv").read_text().splitlines()) >= 7
    assert not list(folder.rglob("key*"))
    assert result["summary"]["people"] is None
    assert "## People" in (folder / "report.md").read_text()
