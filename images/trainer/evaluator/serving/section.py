"""The section of the report about servers."""

from typing import Any

from evaluator.markdown import markdown_table
from evaluator.report import Part

MEBIBYTE = 1 << 20
COLUMNS = {
    "model": "model",
    "concurrency": "at a time",
    "requests": "requests",
    "failed": "failed",
    "ttftP50": "first token P50, ms",
    "ttftP90": "P90",
    "ttftP99": "P99",
    "tokenP50": "between tokens P50, ms",
    "tokenP99": "P99",
    "tokensPerSecond": "tokens/s",
    "requestsPerSecond": "answers/s",
    "costPerThousand": "cost of 1,000 queries",
    "modelBytes": "weights, MiB",
    "peakMemoryBytes": "peak memory, MiB",
    "peakGpuMemoryBytes": "peak GPU memory, MiB",
}
LOCAL = (
    "Measured against `transformers serve` in the pod of the evaluation, with the number format in which it asked the"
    " models; that server answers one request at a time, so times with several under way are those of a queue. Peak"
    " memory is that of the server's processes, from their start to the end of the row."
)
SAME = (
    " The prompts are the same for all, after requests that warmed it up. Tokens are those that the server counts, or"
    " the pieces of its stream where it counts none."
)


def serving_part(rows: list[dict[str, Any]], address: str | None) -> Part:
    """`address` of a server that was there already, None for those of our own."""
    told = {name: title for name, title in COLUMNS.items() if any(name in row for row in rows)}
    said = LOCAL if address is None else f"Measured against `{address}`."
    table = markdown_table(list(told.values()), [[_cell(name, row.get(name)) for name in told] for row in rows])
    return Part("serving", {"endpoint": address, "results": rows}, f"## Serving\n\n{said}{SAME}\n\n{table}")


def _cell(name: str, value: Any) -> str:
    if value is None:
        return "none"
    return f"{value / MEBIBYTE:.0f}" if name.endswith("Bytes") else str(value)
