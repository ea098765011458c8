"""What differs between the runs themselves: each beside the first one, on the same items.

That two runs are both better than the baseline does not say which of them is better. The figures are a table of their
own, corrected by itself: whether a run is better than the baseline does not hang on how many others there are.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from evaluator.benchmarks.findings import benchmark_figures
from evaluator.benchmarks.harness import Score
from evaluator.experiment.runs import Run
from evaluator.table import TableRow, compare_groups, correct, pairs_of

if TYPE_CHECKING:
    from evaluator.further import Context


def compare_runs(context: "Context", runs: list[Run], scores: dict[str, list[Score]]) -> list[TableRow]:
    """Rows whose base is the first run and whose candidate one of the others; `scores` are those in benchmarks, if any.

    What a judge says of a run is said against the baseline alone.
    """
    value, draw = context.value, context.draw
    first, *others = [run.name for run in runs]
    among = replace(context.lineup, baseline=first)
    pairs = pairs_of(first, others, value["metrics"], among.same_tokens)
    figures = compare_groups(context.groups, pairs, context.known, draw.resamples, draw.seed)
    if scores:
        figures += benchmark_figures(scores, pairs, value["settings"][0]["name"], draw.resamples, draw.seed)
    return correct(figures)
