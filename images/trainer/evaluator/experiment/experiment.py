"""From the runs of an experiment to its files."""

import json
from typing import Any

from evaluator.experiment.document import draw_curves, html, markdown
from evaluator.experiment.runs import Run, differences, is_of, uncontrolled
from evaluator.experiment.words import WORDS
from evaluator.report import Part

# of experiment.json in report.json
TOLD = ("variables", "differences", "notControlled", "notVaried", "firstRun", "betweenRuns")


def describe(
    runs: list[Run],
    variables: list[str],
    baseline: str,
    items: int,
    results: list[dict[str, Any]],
    between: list[dict[str, Any]],
    people: dict[str, Any] | None,
) -> dict[str, Any]:
    """The content of experiment.json; `results` are against the baseline, `between` against the first run."""
    found = differences(runs)
    return {
        "variables": variables,
        "baseline": baseline,
        "items": items,
        "runs": [{"name": run.name, "rows": run.rows, "final": run.final} for run in runs],
        "differences": found,
        "same": len({name for run in runs for name in run.parameters}) - len(found),
        "notControlled": uncontrolled(found, variables),
        "notVaried": [name for name in variables if not any(is_of(field, name) for field in found)],
        "results": results,
        "firstRun": runs[0].name,
        "betweenRuns": between,
        "people": people,
    }


def notes_of(report: dict[str, Any]) -> list[dict[str, str]]:
    notes = []
    if report["notControlled"]:
        others = ", ".join(report["notControlled"])
        message = f"the runs differ in more than {', '.join(report['variables'])}: {others}: train them alike"
        notes.append({"candidate": "experiment", "reason": "NotControlled", "message": message})
    if report["notVaried"]:
        message = f"{', '.join(report['notVaried'])} is the same in all runs: correct experiment.variables"
        notes.append({"candidate": "experiment", "reason": "NotVaried", "message": message})
    return notes


def experiment_part(report: dict[str, Any], runs: list[Run]) -> Part:
    """experiment.json, and a page and a text for each language with one picture of all curves."""
    files: dict[str, str | bytes] = {"experiment.json": json.dumps(report, indent=2, ensure_ascii=False) + "\n"}
    for language in WORDS:
        picture = draw_curves(runs, language)
        files[f"curves.{language}.png"] = picture
        files[f"experiment.{language}.md"] = markdown(report, language, f"curves.{language}.png")
        files[f"experiment.{language}.html"] = html(report, language, picture)
    state = "NotControlled" if report["notControlled"] else "controlled"
    told = {name: report[name] for name in TOLD}
    text = f"## Experiment\n\n{', '.join(report['variables'])}, {state}: see `experiment.en.md` and `experiment.zh.md`."
    return Part("experiment", told, text, files)
