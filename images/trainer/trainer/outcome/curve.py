"""The loss curve as a table and as a picture, both over optimizer steps."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.outcome.fonts import set_up_fonts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Point = tuple[int, float]

# name of the metric -> label; the order is that of the legend
CURVES = {
    "loss": "train",
    "eval_recall_loss": "validation: recall",
    "eval_unseen_loss": "validation: unseen documents",
    "eval_general_loss": "validation: general",
}
COLOURS = {
    "loss": "#4c72b0",
    "eval_recall_loss": "#2e7d32",
    "eval_unseen_loss": "#c44e52",
    "eval_general_loss": "#8172b3",
}
DOTS_PER_INCH = 300
SMOOTHING_WINDOW = 10


def points(history: list[dict[str, Any]], metric: str) -> list[Point]:
    """(step, value) of a metric in the history, in the order of the steps."""
    return [(entry["step"], entry[metric]) for entry in history if metric in entry]


def smoothed(curve: list[Point], window: int = SMOOTHING_WINDOW) -> list[Point]:
    """The mean of the last `window` values at each step."""
    values = [value for _, value in curve]
    tails = (values[max(0, end - window) : end] for end in range(1, len(values) + 1))
    return [(step, sum(tail) / len(tail)) for (step, _), tail in zip(curve, tails, strict=True)]


def render_csv(history: list[dict[str, Any]]) -> str:
    """A line a step, with empty fields where a metric was not measured."""
    rows: dict[int, dict[str, float]] = {}
    for metric in CURVES:
        for step, value in points(history, metric):
            rows.setdefault(step, {})[metric] = value
    lines = [",".join([str(step), *(str(rows[step].get(metric, "")) for metric in CURVES)]) for step in sorted(rows)]
    return "\n".join([",".join(["step", *CURVES]), *lines]) + "\n"


def draw(history: list[dict[str, Any]], title: str, *files: Path, overfitted_from: int | None = None) -> None:
    """Write the picture as PNG and as SVG, by the names of the files; from `overfitted_from` on its ground is shaded.

    The same figures give the same bytes.
    """
    # it tells that it looks for fonts
    logging.getLogger("matplotlib").setLevel(logging.WARNING)
    import matplotlib as mpl

    mpl.use("Agg")
    # else the names of shapes are drawn by chance
    mpl.rcParams["svg.hashsalt"] = "doctune"
    set_up_fonts()
    from matplotlib import pyplot

    figure = plot(history, title, overfitted_from)
    for file in files:
        figure.savefig(file, dpi=DOTS_PER_INCH, metadata={"Date": None} if file.suffix == ".svg" else None)
    pyplot.close(figure)


def plot(history: list[dict[str, Any]], title: str, overfitted_from: int | None) -> "Figure":
    """All curves over one axis of optimizer steps."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 5), layout="constrained")
    for metric, label in CURVES.items():
        curve = points(history, metric)
        if not curve:
            continue
        colour = COLOURS[metric]
        if metric == "loss":
            axes.plot(*zip(*curve, strict=True), color=colour, alpha=0.25, linewidth=0.8)
            axes.plot(*zip(*smoothed(curve), strict=True), color=colour, label=f"{label} (mean of {SMOOTHING_WINDOW})")
        else:
            axes.plot(*zip(*curve, strict=True), color=colour, marker="o", markersize=3, label=label)
    if overfitted_from is not None:
        last = max(entry["step"] for entry in history)
        axes.axvspan(overfitted_from, last, color="#c44e52", alpha=0.1, label="overfitting")
    axes.set(xlabel="step", ylabel="loss per answer token (nats)", title=title, ylim=(0, None))
    axes.grid(alpha=0.3)
    axes.legend()
    return figure
