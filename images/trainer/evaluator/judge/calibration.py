"""How far a judge agrees with people, on pairs or answers that people have judged."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluator.judge.pairwise import Match, outcomes_of, questions_of
from evaluator.judge.prompts import FIRST, GRADES, SECOND, TIE, grade_messages, read_grade
from evaluator.questions import Question, Told
from worker.failure import WorkerFailure

FILE = "labels.jsonl"
LEAST_LABELS = 30
PREFERENCES = {FIRST: 0.0, TIE: 0.5, SECOND: 1.0}


@dataclass(frozen=True)
class Label:
    """What a human said: of a pair which one is better, of one answer its grade."""

    question: str
    reference: str
    evidence: tuple[str, ...]
    answers: tuple[str, ...]
    said: str


def read_labels(folder: Path) -> list[Label]:
    """The labels of a mounted folder. WorkerFailure `data` that names the line, or the encoding."""
    path = folder / FILE
    if not path.is_file():
        raise WorkerFailure(
            "data",
            "MissingCalibration",
            f'judge.calibrationRef: the ConfigMap has no key "{FILE}": put the labels there',
        )
    place = f'judge.calibrationRef "{FILE}"'
    try:
        lines = path.read_text("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise WorkerFailure("data", "InvalidCalibration", f"{place} is no UTF-8: save it as UTF-8") from error
    return [_label(line, f"{place} line {number}") for number, line in enumerate(lines, 1) if line.strip()]


def _label(line: str, place: str) -> Label:
    try:
        value: dict[str, Any] = json.loads(line)
        evidence = tuple(value.get("evidence", ()))
        if "preferred" in value:
            answers, said, allowed = (value["first"], value["second"]), value["preferred"], tuple(PREFERENCES)
        else:
            answers, said, allowed = (value["answer"],), value["grade"], GRADES
        label = Label(value["question"], value.get("reference", ""), evidence, answers, said)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WorkerFailure(
            "data",
            "InvalidCalibration",
            f'{place}: {error!r}: a line is {{"question", "reference", "first", "second", "preferred"}} or '
            '{"question", "reference", "answer", "grade"}',
        ) from error
    if said not in allowed:
        raise WorkerFailure(
            "data", "InvalidCalibration", f'{place}: "{said}" is none of {", ".join(allowed)}: correct the label'
        )
    return label


def calibration_questions(labels: Sequence[Label], votes: int) -> list[Question]:
    """The same questions as those of the evaluation itself, pairs first."""
    pairs, single = _parted(labels)
    matches = [Match(each.question, each.reference, each.evidence, *each.answers) for each in pairs]
    graded = [grade_messages(each.question, each.reference, each.evidence, *each.answers) for each in single]
    return [*questions_of(matches, votes), *(Question(messages, 0.0, 0, read_grade) for messages in graded)]


def agreement(labels: Sequence[Label], told: Told, votes: int) -> dict[str, Any]:
    """Share of equal judgements and Cohen's kappa, of pairs and of grades; an unreadable judge agrees with nobody."""
    pairs, single = _parted(labels)
    outcomes = outcomes_of(told, len(pairs), votes)
    said = {score: name for name, score in PREFERENCES.items()}
    start = len(pairs) * votes * 2
    by_kind = {
        "pairs": [
            (label.said, said[outcome.score])
            for label, outcome in zip(pairs, outcomes, strict=True)
            if outcome.score is not None
        ],
        "grades": [
            (label.said, told.answers[start + place] or "unreadable")
            for place, label in enumerate(single)
            if start + place in told.answers
        ],
    }
    return {kind: _agreement(both) for kind, both in by_kind.items() if both}


def kappa(both: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's kappa by statsmodels; None where both say one thing alone, which leaves nothing to agree on."""
    from statsmodels.stats.inter_rater import cohens_kappa

    names = sorted({name for pair in both for name in pair})
    if len(names) < 2:
        return None
    table = [[sum(pair == (row, column) for pair in both) for column in names] for row in names]
    return float(cohens_kappa(table).kappa)


def _agreement(both: Sequence[tuple[str, str]]) -> dict[str, Any]:
    equal = sum(human == judge for human, judge in both)
    found = kappa(both)
    return {
        "labels": len(both),
        "agreement": round(equal / len(both), 4),
        "kappa": None if found is None else round(found, 4),
        "isEnough": len(both) >= LEAST_LABELS,
    }


def _parted(labels: Sequence[Label]) -> tuple[list[Label], list[Label]]:
    return [each for each in labels if len(each.answers) == 2], [each for each in labels if len(each.answers) == 1]
