"""How fast a server answers: time to the first token, time between tokens, and throughput, by concurrency.

These are measurements of a machine at a moment: a report with them is no longer the same for the same inputs.
"""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from evaluator.endpoint import Endpoint
from evaluator.markdown import markdown_table
from evaluator.report import Part
from worker.failure import WorkerFailure

WARM_UP = 2
NO_ENGINE = {
    "candidate": "serving",
    "reason": "NoServingEngine",
    "message": "this image has no server for models (transformers serve needs fastapi and uvicorn, which are not in "
    "it): serve the adapter by vLLM or the like and name it in serving.openai",
}


@dataclass(frozen=True)
class Timing:
    """Of one answer, in seconds; `gaps` are the times between its tokens."""

    first: float
    gaps: list[float]
    total: float

    @property
    def tokens(self) -> int:
        return len(self.gaps) + 1


def measure_serving(value: dict[str, Any], prompts: list[str]) -> list[dict[str, Any]]:
    """A row for each model and concurrency; the same prompts in the same order for all of them."""
    served = Endpoint(value["endpoint"], "serving.openai")
    names = {"tuned": served.model} | ({"base": value["baseModel"]} if value.get("baseModel") else {})
    rows = []
    for name, model in names.items():
        endpoint = replace(served, settings=served.settings | {"model": model})
        for concurrency in value["concurrency"]:
            asked = [prompts[number % len(prompts)] for number in range(value["requests"])]
            with ThreadPoolExecutor(concurrency) as pool:
                # connections, caches and kernels of the server are made by requests that do not count
                list(pool.map(lambda text, to=endpoint: ask(to, text), asked[: WARM_UP * concurrency]))
                started = time.perf_counter()
                timings = list(pool.map(lambda text, to=endpoint: ask(to, text), asked))
                seconds = time.perf_counter() - started
            rows.append({"model": name, "concurrency": concurrency} | summarise(timings, seconds))
    return rows


def summarise(timings: list[Timing], seconds: float) -> dict[str, Any]:
    first = np.array([timing.first for timing in timings])
    gaps = np.array([gap for timing in timings for gap in timing.gaps]) if any(t.gaps for t in timings) else np.zeros(1)
    return {
        "requests": len(timings),
        **{f"ttftP{share}": _milliseconds(np.percentile(first, share)) for share in (50, 90, 99)},
        "tokenP50": _milliseconds(np.percentile(gaps, 50)),
        "tokenP99": _milliseconds(np.percentile(gaps, 99)),
        "tokensPerSecond": round(sum(timing.tokens for timing in timings) / seconds, 2),
        "requestsPerSecond": round(len(timings) / seconds, 3),
    }


def ask(endpoint: Endpoint, prompt: str) -> Timing:
    """One answer as it comes. WorkerFailure where the server gives none."""
    body = {
        "model": endpoint.model,
        "messages": [{"role": "user", "content": prompt}],
        "temperature": 0,
        "max_tokens": endpoint.settings["maxTokens"],
        "stream": True,
    }
    started = time.perf_counter()
    with endpoint.posted(body) as response:
        endpoint.refuse(response)
        if response.status_code != 200:
            raise _silent(endpoint, f"status {response.status_code}")
        times = [time.perf_counter() for text in pieces(lines(response.raw)) if text]
    if not times:
        raise _silent(endpoint, "an answer without a token")
    gaps = [after - before for before, after in zip(times, times[1:], strict=False)]
    return Timing(times[0] - started, gaps, times[-1] - started)


def lines(stream: Any) -> Iterator[bytes]:
    """Lines as they come: what is read in blocks of a size comes late."""
    rest = b""
    while block := stream.read1(1 << 16):
        *whole, rest = (rest + block).split(b"\n")
        yield from whole
    if rest:
        yield rest


def pieces(events: Iterator[bytes]) -> Iterator[str]:
    """The texts of a stream of server-sent events."""
    for line in events:
        data = line.decode(errors="replace").removeprefix("data:").strip()
        if not line.startswith(b"data:") or data == "[DONE]":
            continue
        choices = json.loads(data).get("choices") or [{}]
        yield choices[0].get("delta", {}).get("content") or ""


def _silent(endpoint: Endpoint, what: str) -> WorkerFailure:
    address = endpoint.settings["baseURL"]
    return WorkerFailure("unavailable", "EndpointUnavailable", f'{endpoint.field}: "{address}" gave {what}')


def _milliseconds(seconds: float) -> float:
    return round(1000 * float(seconds), 3)


def serving_part(rows: list[dict[str, Any]], address: str) -> Part:
    columns = {
        "model": "model",
        "concurrency": "at a time",
        "requests": "requests",
        "ttftP50": "first token P50, ms",
        "ttftP90": "P90",
        "ttftP99": "P99",
        "tokenP50": "between tokens P50, ms",
        "tokenP99": "P99",
        "tokensPerSecond": "tokens/s",
    }
    text = (
        f"## Serving\n\nMeasured against `{address}` with the same prompts for all, after requests that warmed it up."
        " A piece of the stream counts as a token.\n\n"
    )
    table = markdown_table(list(columns.values()), [[str(row[name]) for name in columns] for row in rows])
    return Part("serving", {"endpoint": address, "results": rows}, text + table)
