"""The report of an experiment in its five sections: purpose, data, parameters, effect, conclusion."""

import base64
import io
import logging
from typing import Any

from evaluator.experiment.runs import Run
from evaluator.experiment.words import WORDS
from evaluator.markdown import markdown_table

PAGE = """<!doctype html>
<html lang="{language}"><meta charset="utf-8"><title>{title}</title>
<style>body{{font-family:sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}}
table{{border-collapse:collapse}}td,th{{border:1px solid #ccc;padding:.2rem .5rem}}img{{max-width:100%}}</style>
{body}</html>
"""


def markdown(report: dict[str, Any], language: str, picture: str) -> str:
    """One language of the report; `picture` is where the curves are."""
    words = WORDS[language]
    variables = ", ".join(f"`{name}`" for name in report["variables"])
    names = [run["name"] for run in report["runs"]]
    parameters = [[name, *map(str, values)] for name, values in report["differences"].items()]
    others = ", ".join(f"`{name}`" for name in report["notControlled"])
    control = words["notControlled"].format(others=others, variables=variables) if others else words["controlled"]
    losses = [
        [run["name"], _figure(run["final"].get("loss")), _figure(run["final"].get("evalLoss"))]
        for run in report["runs"]
    ]
    baseline, first = report["baseline"], report["firstRun"]
    people = report["people"]
    parts = [
        f"# {words['title'].format(variables=variables)}",
        f"## {words['purpose']}",
        words["purposeText"].format(variables=variables, count=len(names), baseline=baseline, first=first),
        f"## {words['data']}",
        words["dataText"].format(items=report["items"]),
        markdown_table([words["run"], words["rows"]], [[run["name"], str(run["rows"])] for run in report["runs"]]),
        f"## {words['parameters']}",
        control,
        *([markdown_table([words["parameter"], *names], parameters)] if parameters else []),
        words["same"].format(number=report["same"]),
        f"## {words['effect']}",
        f"![{words['curves']}]({picture})",
        markdown_table([words["run"], words["finalLoss"], words["validationLoss"]], losses),
        words["againstBaseline"].format(reference=baseline),
        _results(report["results"], words),
        words["againstFirst"].format(reference=first),
        _results(report["betweenRuns"], words),
        *([words["people"].format(**people)] if people else []),
        f"## {words['conclusion']}",
        _verdicts(report["results"], baseline, words),
        _verdicts(report["betweenRuns"], first, words),
        *([control] if others else []),
    ]
    return "\n\n".join(parts) + "\n"


def _results(rows: list[dict[str, Any]], words: dict[str, str]) -> str:
    shown = ["setting"] if _has_settings(rows) else []
    columns = ["run", "split", *shown, "metric", "reference", "value", "difference", "interval", "p", "verdictName"]
    cells = [
        [
            row["candidate"],
            row["split"],
            *(row[name] for name in shown),
            row["metric"],
            *(_figure(row[name]) for name in ("base", "tuned", "delta")),
            " - ".join(map(_figure, row["ci95"])) if row["ci95"] else "-",
            _figure(row["pAdjusted"]),
            row["verdict"],
        ]
        for row in rows
    ]
    return markdown_table([words[name] for name in columns], cells)


def _verdicts(rows: list[dict[str, Any]], reference: str, words: dict[str, str]) -> str:
    """A line for each difference that is one, or a sentence that none is."""
    place = words["placeAndSetting" if _has_settings(rows) else "place"]
    lines = [
        words["verdict"].format(
            **row | {"reference": reference, "place": place.format(**row), "delta": _figure(row["delta"])}
        )
        for row in rows
        if row["verdict"] != "Inconclusive"
    ]
    return "\n".join(lines) or words["none"].format(reference=reference)


def _has_settings(rows: list[dict[str, Any]]) -> bool:
    """Whether a row has to say which setting it is of."""
    return len({row["setting"] for row in rows}) > 1


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def html(report: dict[str, Any], language: str, picture: bytes) -> str:
    """The same as a page of its own, with the picture in it. No text of a model or user becomes markup."""
    from markdown_it import MarkdownIt

    text = markdown(report, language, "curves")
    data = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
    body = (
        MarkdownIt("commonmark", {"html": False}).enable("table").render(text).replace('src="curves"', f'src="{data}"')
    )
    title = ", ".join(report["variables"]).replace("&", "&amp;").replace("<", "&lt;")
    return PAGE.format(language=language, title=title, body=body)


def draw_curves(runs: list[Run], language: str) -> bytes:
    """The training losses of all runs over one axis, as PNG; the same figures give the same bytes."""
    logging.getLogger("matplotlib").setLevel(logging.WARNING)
    import matplotlib as mpl

    mpl.use("Agg")
    from trainer.outcome.curve import points, smoothed
    from trainer.outcome.fonts import set_up_fonts

    set_up_fonts()
    from matplotlib import pyplot

    words = WORDS[language]
    figure, axes = pyplot.subplots(figsize=(8, 5), layout="constrained")
    for run in runs:
        for metric, style in (("loss", "-"), ("eval_loss", "--")):
            curve = points(run.history, metric)
            if curve:
                shown = smoothed(curve) if metric == "loss" else curve
                axes.plot(*zip(*shown, strict=True), style, label=run.name if metric == "loss" else None)
    axes.set(xlabel=words["step"], ylabel=words["loss"], title=words["curves"], ylim=(0, None))
    axes.grid(alpha=0.3)
    axes.legend()
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=150)
    pyplot.close(figure)
    return buffer.getvalue()
