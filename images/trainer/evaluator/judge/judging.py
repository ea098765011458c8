"""The judge's part of an evaluation: who wins, what is right, and how far the judge itself can be believed."""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from evaluator.answer_log import AnswerLog, digest_of, shared_folder
from evaluator.asking import ask_all, paid_by
from evaluator.compare import compare
from evaluator.endpoint import Endpoint
from evaluator.judge.calibration import agreement, calibration_questions, read_labels
from evaluator.judge.docket import Docket
from evaluator.judge.length import length_controlled
from evaluator.judge.prompts import COMPARE_SYSTEM, GRADE_SYSTEM, GRADES, read_object
from evaluator.judge.reliability import doubts, partial_message, reliability_of
from evaluator.questions import Stop, Told, closed
from evaluator.scores import MEASURES, Array
from evaluator.spending import Budget
from evaluator.table import Answers, Figure, Pair
from worker.failure import WorkerFailure
from worker.termination import Termination

log = logging.getLogger("evaluator")

WORTH = {"correct": 1.0, "partly": 0.5, "wrong": 0.0, "refused": 0.0}
# of a stop: what an endpoint says may be long, and a result is short
MAX_MESSAGE = 256


@dataclass
class Judged:
    """`figures` are for the table, `summary` for the status, `lines` one an item for judgements.jsonl."""

    figures: list[Figure] = field(default_factory=list)
    notes: list[dict[str, str]] = field(default_factory=list)
    report: dict[str, Any] = field(default_factory=dict)
    lines: list[dict[str, Any]] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Draw:
    """What an interval is made with."""

    resamples: int
    seed: int


def judge(
    value: dict[str, Any],
    groups: list[Answers],
    pairs: list[Pair],
    names: dict[str, str],
    draw: Draw,
    run: str,
    termination: Termination,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    *,
    is_last: bool = False,
) -> Judged:
    """Ask the judge of the input `value` about the answers of the first setting; `names` are models by what they do.

    An endpoint that does not answer fails the attempt, since the next one may find it well; `is_last` has no next one.
    """
    endpoint = Endpoint(value["endpoint"], "judge.openai")
    answers = AnswerLog(shared_folder("judge", digest_of([endpoint.settings["baseURL"], endpoint.model])))
    budget = Budget.of(value.get("maxCost"), value["endpoint"], paid_by(answers, run))
    labels = read_labels(Path(value["calibration"])) if value.get("calibration") else []
    docket = Docket(
        [group for group in groups if group.setting == groups[0].setting],
        pairs,
        value["votes"],
        "Pairwise" in value["asks"],
        "Graded" in value["asks"],
        calibration_questions(labels, value["votes"]),
    )
    docket.fill()
    log.info("judging", extra={"questions": len(docket.questions), "kept": len(answers)})
    ends = _given_up if is_last else closed
    try:
        told = ask_all(docket.questions, endpoint, answers, budget, run, termination, progress, ends)
    finally:
        answers.close()
    judged = Judged()
    results = []
    for pair in pairs:
        for group in docket.groups:
            results.append(
                {"candidate": pair.candidate, "split": group.split, "items": len(group.items)}
                | _wins(judged, docket, pair, group, told, draw)
                | _grades(judged, docket, pair, group, told, draw)
            )
    judged.lines = [_line(docket, piece, told) for piece in docket.pieces]
    calibration = agreement(labels, told, value["votes"]) if labels else {}
    reliability = reliability_of(docket, told)
    judged.notes = [
        {"candidate": "judge", "reason": reason, "message": message}
        for reason, message in doubts(docket, told, reliability, calibration, endpoint.model, names)
    ]
    judged.report = {
        "model": endpoint.model,
        "prompts": {"compare": digest_of(COMPARE_SYSTEM), "grade": digest_of(GRADE_SYSTEM)},
        "votes": value["votes"],
        "partial": partial_message(docket, told) or None,
        "results": results,
        "reliability": reliability,
        "calibration": calibration,
    }
    judged.summary = _summary(docket, told, results, reliability, calibration, budget)
    return judged


def _given_up(failure: WorkerFailure) -> Stop | None:
    """What ends the questions of the last attempt; the remedy comes first, as what follows may be cut."""
    if failure.kind != "unavailable":
        return closed(failure)
    remedy = "the endpoint does not answer: wait until it does, or correct judge.openai.baseURL"
    return Stop("JudgeUnavailable", f"judge.openai: {remedy} ({failure.message.removeprefix('judge.openai: ')})")


def _wins(judged: Judged, docket: Docket, pair: Pair, group: Answers, told: Told, draw: Draw) -> dict[str, Any]:
    if not docket.is_pairwise:
        return {}
    found = [(piece.row, docket.outcome(piece, pair, told).score) for piece in docket.of(group)]
    rows = [row for row, score in found if score is not None]
    scores = [score for _, score in found if score is not None]
    if not scores:
        return {"pairs": 0}
    won = np.array([[score, 1.0] for score in scores])
    lost = np.column_stack([1 - won[:, 0], won[:, 1]])
    judged.figures.append(_figure("winRate", pair, group, lost, won, draw))
    controlled = length_controlled(
        scores,
        [group.of(pair.baseline)[row].output or "" for row in rows],
        [group.of(pair.candidate)[row].output or "" for row in rows],
    )
    return {
        "pairs": len(scores),
        "wins": scores.count(1.0),
        "ties": scores.count(0.5),
        "losses": scores.count(0.0),
        "winRate": round(100 * float(np.mean(scores)), 4),
        "lengthControlled": None if controlled is None else round(controlled, 4),
    }


def _grades(judged: Judged, docket: Docket, pair: Pair, group: Answers, told: Told, draw: Draw) -> dict[str, Any]:
    if not docket.is_graded:
        return {}
    both = [
        tuple(docket.grade(piece, model, told) for model in (pair.baseline, pair.candidate))
        for piece in docket.of(group)
    ]
    # an answer whose grade cannot be read is not right, and stays among those that were asked about
    graded = [(before[1], after[1]) for before, after in both if before[0] and after[0]]
    if not graded:
        return {"graded": 0}
    sums = [np.array([[WORTH.get(grade or "", 0.0), 1.0] for grade in side]) for side in zip(*graded, strict=True)]
    judged.figures.append(_figure("graded", pair, group, sums[0], sums[1], draw))
    return {
        "graded": len(graded),
        "baselineGrades": _counted(before for before, _ in graded),
        "candidateGrades": _counted(after for _, after in graded),
        # what the training is for: the baseline does not know, the candidate does
        "learned": sum(before != "correct" and after == "correct" for before, after in graded),
        "forgotten": sum(before == "correct" and after != "correct" for before, after in graded),
    }


def _counted(grades: Any) -> dict[str, int]:
    counts = Counter(grade or "unreadable" for grade in grades)
    return {name: counts.get(name, 0) for name in (*GRADES, "unreadable")}


def _figure(metric: str, pair: Pair, group: Answers, before: Array, after: Array, draw: Draw) -> Figure:
    comparison = compare(MEASURES[metric], before, after, draw.resamples, draw.seed)
    return Figure(pair.candidate, MEASURES[metric], group.split, group.setting, len(after), comparison)


def _line(docket: Docket, piece: Any, told: Told) -> dict[str, Any]:
    """What the judge said of one item, with its reasons."""
    item = piece.group.items[piece.row]
    line: dict[str, Any] = {"id": item.id, "split": item.split, "setting": piece.group.setting}
    if docket.is_pairwise:
        size = docket.votes * 2
        line["pairs"] = [
            {
                "candidate": pair.candidate,
                "score": docket.outcome(piece, pair, told).score,
                "said": [
                    told.texts[place]
                    for place in range(piece.start + number * size, piece.start + (number + 1) * size)
                    if place in told.texts
                ],
            }
            for number, pair in enumerate(docket.pairs)
        ]
    if docket.is_graded:
        line["grades"] = {}
        for model in docket.models:
            place = docket.place_of_grade(piece, model)
            if place in told.texts:
                said = read_object(told.texts[place])
                why = {name: said.get(name) for name in ("reason", "evidence")}
                line["grades"][model] = {"grade": told.answers[place], **why}
    return line


def _summary(
    docket: Docket,
    told: Told,
    results: list[dict[str, Any]],
    reliability: dict[str, Any],
    calibration: dict[str, Any],
    budget: Budget,
) -> dict[str, Any]:
    first = next((row for row in results if row["candidate"] == "tuned"), {})
    kappas = [found["kappa"] for found in calibration.values() if found["kappa"] is not None]
    return {
        "asked": len(told.answers),
        "questions": len(docket.questions),
        "unreadable": told.unreadable,
        "positionBias": reliability["positionBias"],
        "lengthControlled": first.get("lengthControlled"),
        "learned": first.get("learned"),
        "forgotten": first.get("forgotten"),
        "kappa": min(kappas) if kappas else None,
        "cost": round(budget.spent, 6),
        "isPartial": told.stopped is not None,
        "stopped": asdict(told.stopped) | {"message": told.stopped.message[:MAX_MESSAGE]} if told.stopped else None,
    }
