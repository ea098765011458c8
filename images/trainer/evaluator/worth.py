"""Whether the training was worth it: the tuned model without documents beside the base that is shown them."""

from typing import Any

from evaluator.compare import compare
from evaluator.markdown import markdown_table
from evaluator.prompts import CLOSED_BOOK, WITH_DOCUMENT, Setting
from evaluator.report import Part
from evaluator.scores import MEASURES
from evaluator.table import Answers, Pair, metric_sums, short

DIGITS = 6


def worth_part(
    groups: list[Answers], settings: list[Setting], pairs: list[Pair], known: frozenset[str], resamples: int, seed: int
) -> Part | None:
    """Base with documents against each candidate without; None where the settings do not ask both."""
    shown = next((setting.name for setting in settings if setting.context == WITH_DOCUMENT), None)
    closed = next((setting.name for setting in settings if setting.context == CLOSED_BOOK), None)
    if shown is None or closed is None:
        return None
    by_place = {(group.split, group.setting): group for group in groups}
    rows: list[dict[str, Any]] = []
    for pair in pairs:
        for split in dict.fromkeys(group.split for group in groups):
            with_document, without = by_place[split, shown], by_place[split, closed]
            for metric in pair.metrics:
                before = metric_sums(metric, with_document, with_document.of(pair.baseline), known)
                after = metric_sums(metric, without, without.of(pair.candidate), known)
                found = compare(MEASURES[metric], before, after, resamples, seed)
                rows.append(
                    {
                        "candidate": pair.candidate,
                        "split": split,
                        "metric": metric,
                        "baselineWithDocument": short(found.base, DIGITS),
                        "candidateClosedBook": short(found.tuned, DIGITS),
                        "delta": short(found.delta, DIGITS),
                        "ci95": [short(value, DIGITS) for value in found.interval] if found.interval else None,
                    }
                )
    return Part("withDocument", {"shown": shown, "closedBook": closed, "results": rows}, _section(rows, shown, closed))


def _section(rows: list[dict[str, Any]], shown: str, closed: str) -> str:
    cells = [
        [
            row["candidate"],
            row["split"],
            row["metric"],
            *(_cell(row[name]) for name in ("baselineWithDocument", "candidateClosedBook", "delta")),
            " to ".join(_cell(value) for value in row["ci95"]) if row["ci95"] else "none",
        ]
        for row in rows
    ]
    return (
        f"## Trained, or shown the document?\n\nThe baseline under `{shown}`, with the passages that the answer stands"
        f" in, beside the candidate under `{closed}`, without them. Where the baseline is as good, searching the"
        " documents would have done without training.\n\n"
        + markdown_table(
            ["model", "split", "metric", "baseline with document", "candidate without", "difference", "95 % interval"],
            cells,
        )
    )


def _cell(value: float | None) -> str:
    return "none" if value is None else f"{value:.3g}"
