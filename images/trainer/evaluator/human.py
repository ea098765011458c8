"""A blind comparison by people: a sheet whose order is hidden, and what comes back of it.

The key lies in the store, not in the report that is handed on, and is made once for the same answers: a later run,
which has the same answers from the log, reads the sheets that people have filled in.
"""

import csv
import io
import json
import os
import secrets
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evaluator.answer_log import digest_of, shared_folder
from evaluator.items import lot
from evaluator.judge.calibration import kappa
from evaluator.report import Part
from evaluator.table import Answers, Pair
from evaluator.verdicts import FILE, BadSheet, read_verdicts

COLUMNS = ("id", "question", "A", "B", "preferred", "rater", "comment")
# a spreadsheet takes what begins so for a formula
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# and a file without it for one in the encoding of the country
BOM = "\ufeff"


@dataclass
class Reviewed:
    """`summary` is None until there is a sheet that can be read."""

    parts: list[Part] = field(default_factory=list)
    notes: list[dict[str, str]] = field(default_factory=list)
    summary: dict[str, Any] | None = None


def review(value: dict[str, Any], groups: list[Answers], pair: Pair, seed: int) -> Reviewed:
    """The sheet for people, and their verdicts where there are some already."""
    rows = _drawn(groups, pair, value["sample"], seed)
    key = _key(rows)
    reviewed = Reviewed()
    report: dict[str, Any] = {"candidate": pair.candidate, "items": len(rows)}
    if value.get("verdicts"):
        try:
            report |= conclude(read_verdicts(Path(value["verdicts"]) / FILE, key), key)
            reviewed.summary = {name: report[name] for name in ("items", "raters", "wins", "ties", "losses")}
            reviewed.summary |= {name: report[name] for name in ("winRate", "low", "high", "kappa")}
        except BadSheet as bad:
            reviewed.notes.append({"candidate": "people", "reason": "VerdictsRefused", "message": str(bad)})
    reviewed.parts.append(Part("people", report, _section(report), {"sheet.csv": sheet(rows, key)}))
    return reviewed


def _drawn(groups: list[Answers], pair: Pair, number: int, seed: int) -> list[dict[str, str]]:
    """So many items of the first setting, drawn by the seed; those with equal answers tell nothing."""
    first = groups[0].setting
    rows = [
        {
            "item": item.id,
            "split": group.split,
            "question": "\n\n".join(message["content"] for message in item.messages[:-1]),
            "baseline": group.of(pair.baseline)[place].output or "",
            "candidate": group.of(pair.candidate)[place].output or "",
        }
        for group in groups
        if group.setting == first
        for place, item in enumerate(group.items)
    ]
    differing = [row for row in rows if row["baseline"] != row["candidate"]]
    return sorted(differing, key=lambda row: lot(seed, row["item"] + row["split"]))[:number]


def _key(rows: list[dict[str, str]]) -> dict[str, dict[str, str]]:
    """Of each id the item, and which model is A; made once for these answers, whoever comes first."""
    folder = shared_folder("people", digest_of(rows))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "key.json"
    if not path.is_file():
        made = {
            secrets.token_hex(6): {
                "item": row["item"],
                "split": row["split"],
                "A": "candidate" if secrets.randbelow(2) else "baseline",
            }
            for row in rows
        }
        fresh = folder / secrets.token_hex(8)
        fresh.write_text(json.dumps(made), "utf-8")
        # another run may be faster
        with suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    return json.loads(path.read_text("utf-8"))


def sheet(rows: list[dict[str, str]], key: dict[str, dict[str, str]]) -> str:
    """The sheet to hand out: nothing in it tells which model is which."""
    by_item = {(row["item"], row["split"]): row for row in rows}
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="")
    writer.writeheader()
    for identity, hidden in sorted(key.items()):
        row = by_item[hidden["item"], hidden["split"]]
        other = "baseline" if hidden["A"] == "candidate" else "candidate"
        shown = {"id": identity, "question": row["question"], "A": row[hidden["A"]], "B": row[other]}
        writer.writerow({name: _plain(value) for name, value in shown.items()})
    return BOM + text.getvalue()


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def conclude(verdicts: dict[str, dict[str, str]], key: dict[str, dict[str, str]]) -> dict[str, Any]:
    """Wins by the majority of the raters, Wilson's interval of those that are decided, and how far raters agree."""
    from statsmodels.stats.proportion import proportion_confint

    meant = {
        rater: {identity: _meaning(said, key[identity]["A"]) for identity, said in own.items()}
        for rater, own in verdicts.items()
    }
    judged = sorted({identity for own in meant.values() for identity in own})
    outcomes = [_majority([own[identity] for own in meant.values() if identity in own]) for identity in judged]
    counts = Counter(outcomes)
    wins, losses = counts["candidate"], counts["baseline"]
    low, high = proportion_confint(wins, wins + losses, method="wilson") if wins + losses else (None, None)
    found = _agreement(meant)
    return {
        "judged": len(judged),
        "raters": len(meant),
        "wins": wins,
        "ties": counts["tie"],
        "losses": losses,
        "winRate": round(100 * wins / (wins + losses), 4) if wins + losses else None,
        "low": None if low is None else round(100 * float(low), 4),
        "high": None if high is None else round(100 * float(high), 4),
        "kappa": None if found is None else round(found, 4),
        "agreement": {1: None, 2: "Cohen"}.get(len(meant), "Fleiss"),
    }


def _meaning(said: str, first: str) -> str:
    if said == "tie":
        return "tie"
    return first if said == "A" else "baseline" if first == "candidate" else "candidate"


def _majority(said: list[str]) -> str:
    balance = said.count("candidate") - said.count("baseline")
    return "tie" if balance == 0 else "candidate" if balance > 0 else "baseline"


def _agreement(meant: dict[str, dict[str, str]]) -> float | None:
    """Cohen's kappa of two raters, Fleiss' of more, over what all of them have judged."""
    raters = list(meant.values())
    common = sorted(set.intersection(*(set(own) for own in raters)))
    if len(raters) < 2 or not common:
        return None
    table = [[own[identity] for own in raters] for identity in common]
    if len(raters) == 2:
        return kappa([(first, second) for first, second in table])
    from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

    counts, categories = aggregate_raters(table)
    return None if len(categories) < 2 else float(fleiss_kappa(counts, method="fleiss"))


def _section(report: dict[str, Any]) -> str:
    text = (
        f"## People\n\n`sheet.csv` shows {report['items']} pairs of answers, and nothing in it tells which model is"
        " which. Hand it out, and give what comes back to `people.verdictsRef`."
    )
    if "judged" not in report:
        return text
    rate = "none" if report["winRate"] is None else f"{report['winRate']:.1f} %"
    interval = "" if report["low"] is None else f" ({report['low']:.1f} to {report['high']:.1f} %, Wilson)"
    agreed = "" if report["kappa"] is None else f" {report['agreement']}'s kappa is {report['kappa']:.2f}."
    return (
        f"{text}\n\n{report['raters']} people judged {report['judged']}: `{report['candidate']}` won {report['wins']},"
        f" lost {report['losses']}, {report['ties']} ties; it wins {rate} of the decided ones{interval}.{agreed}"
    )
