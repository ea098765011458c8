"""How far a judge can be believed: what it could not say, which side it favours, and whether people agree."""

from collections.abc import Iterator
from typing import Any

from evaluator.judge.calibration import LEAST_LABELS
from evaluator.judge.docket import Docket, totals
from evaluator.judge.family import family_warning
from evaluator.questions import Told

# shares above which a judge's word is worth little
MOST_UNREADABLE = 0.2
MOST_ONE_SIDED = 0.3
LEAST_VOTES = 10
LEAST_KAPPA = 0.4


def reliability_of(docket: Docket, told: Told) -> dict[str, Any]:
    """Shares that say what a judge is worth, with the numbers they are made from."""
    outcomes = (
        [docket.outcome(piece, pair, told) for piece in docket.pieces for pair in docket.pairs]
        if docket.is_pairwise
        else []
    )
    total = totals(outcomes)
    asked = len(told.answers)
    return {
        "asked": asked,
        "unreadable": told.unreadable,
        "unreadableShare": round(told.unreadable / asked, 4) if asked else 0.0,
        "votes": total.votes,
        "oneSided": total.one_sided,
        "positionBias": round(total.one_sided / total.votes, 4) if total.votes else None,
        "firstPreferred": total.first_preferred,
    }


def partial_message(docket: Docket, told: Told) -> str:
    """How much is judged, and what keeps the rest; empty where all is."""
    if not told.stopped:
        return ""
    asked = f"the judge answered {len(told.answers)} of {len(docket.questions)} questions"
    return f"{asked}, and its figures are of those alone: {told.stopped.message}"


def doubts(
    docket: Docket,
    told: Told,
    reliability: dict[str, Any],
    calibration: dict[str, Any],
    model: str,
    names: dict[str, str],
) -> Iterator[tuple[str, str]]:
    """Reason and message of whatever makes the word of this judge worth less."""
    if told.stopped:
        yield told.stopped.reason, partial_message(docket, told)
    if reliability["unreadableShare"] > MOST_UNREADABLE:
        yield (
            "JudgeUnreadable",
            f"{reliability['unreadable']} of {reliability['asked']} answers of the judge are not the JSON that was"
            " asked for, and count as ties and as not right: choose a judge that keeps to a form",
        )
    bias = reliability["positionBias"]
    if bias is not None and reliability["votes"] >= LEAST_VOTES and bias > MOST_ONE_SIDED:
        side = "first" if reliability["firstPreferred"] * 2 >= reliability["oneSided"] else "second"
        yield (
            "JudgePositionBias",
            f"in {100 * bias:.0f} % of the pairs the judge named the same place in both orders, mostly the {side}: they"
            " count as ties; choose a stronger judge",
        )
    if warning := family_warning(model, names):
        yield "JudgeFamily", f"{warning}: choose a judge of another family"
    for kind, found in calibration.items():
        if not found["isEnough"]:
            yield (
                "FewLabels",
                f"{found['labels']} labels of {kind} say little about the judge: give {LEAST_LABELS} or more",
            )
        elif found["kappa"] is not None and found["kappa"] < LEAST_KAPPA:
            yield (
                "JudgeDisagrees",
                f"the judge agrees with people on {kind} by a kappa of {found['kappa']:.2f}: choose another judge",
            )
