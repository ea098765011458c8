"""The judge's section of the report."""

import json

from evaluator.judge.judging import Judged
from evaluator.markdown import markdown_table
from evaluator.report import Part

PAIR_COLUMNS = ("wins", "ties", "losses", "winRate", "lengthControlled")
GRADE_COLUMNS = ("learned", "forgotten")


def judge_part(judged: Judged) -> Part:
    lines = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in judged.lines)
    return Part("judge", judged.report, _section(judged), {"judgements.jsonl": lines})


def _section(judged: Judged) -> str:
    report = judged.report
    parts = [
        f"## Judge\n\n`{report['model']}` saw each pair in both orders, {report['votes']} times each; a pair counts as"
        " won only where both orders say so. `lengthControlled` is the win rate in percent that is left when neither"
        " answer is longer. `learned` counts questions that the baseline did not answer rightly and the candidate did."
    ]
    if report["partial"]:
        parts.append(f"**Partial**: {report['partial']}.")
    rows = [[row["candidate"], row["split"], *_cells(row)] for row in report["results"]]
    columns = ["model", "split", *PAIR_COLUMNS, "correct / partly / wrong / refused / unreadable", *GRADE_COLUMNS]
    parts.append(markdown_table(columns, rows))
    reliability = report["reliability"]
    bias = reliability["positionBias"]
    parts.append(
        f"Of {reliability['asked']} answers of the judge {reliability['unreadable']} could not be read. In "
        + ("no pair" if bias is None else f"{100 * bias:.1f} % of the pairs")
        + " it named the same place in both orders."
    )
    for kind, found in report["calibration"].items():
        kappa = "not defined" if found["kappa"] is None else f"{found['kappa']:.2f}"
        parts.append(
            f"On {found['labels']} {kind} that people had judged it agrees in {100 * found['agreement']:.0f} %,"
            f" kappa {kappa}."
        )
    return "\n\n".join(parts)


def _cells(row: dict) -> list[str]:
    grades = row.get("candidateGrades")
    said = " / ".join(str(number) for number in grades.values()) if grades else "none"
    return [*(_cell(row.get(name)) for name in PAIR_COLUMNS), said, *(_cell(row.get(name)) for name in GRADE_COLUMNS)]


def _cell(value: float | None) -> str:
    if value is None:
        return "none"
    return str(value) if isinstance(value, int) else f"{value:.1f}"
