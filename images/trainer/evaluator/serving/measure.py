"""A model of a server under load: the same prompts, with more and more requests under way."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from evaluator.endpoint import Endpoint
from evaluator.serving.cost import cost_per_thousand
from evaluator.serving.timing import Timing, ask
from worker.failure import WorkerFailure

WARM_UP = 2


def measure_endpoint(value: dict[str, Any], prompts: list[str]) -> list[dict[str, Any]]:
    """A row for each model of a server that answers already, and concurrency."""
    served = Endpoint(value["endpoint"], "serving.openai")
    names = {"tuned": served.model} | ({"base": value["baseModel"]} if value.get("baseModel") else {})
    return [
        row
        for name, model in names.items()
        for row in measure_model(name, replace(served, settings=served.settings | {"model": model}), value, prompts)
    ]


def measure_model(
    name: str,
    endpoint: Endpoint,
    value: dict[str, Any],
    prompts: list[str],
    look: Callable[[], dict[str, Any]] = dict,
) -> list[dict[str, Any]]:
    """A row for each concurrency, the same prompts in the same order in all. `look` tells more when a row is done.

    WorkerFailure where no request of a row is answered; fewer are counted.
    """
    rows = []
    for concurrency in value["concurrency"]:
        asked = [prompts[number % len(prompts)] for number in range(value["requests"])]
        # connections, caches and kernels of the server are made by requests that do not count
        ask_all(endpoint, asked[: WARM_UP * concurrency], concurrency)
        started = time.perf_counter()
        told = ask_all(endpoint, asked, concurrency)
        seconds = time.perf_counter() - started
        timings = [each for each in told if isinstance(each, Timing)]
        failures = [each for each in told if isinstance(each, WorkerFailure)]
        if not timings:
            raise failures[0]
        cost = cost_per_thousand(timings, seconds, value.get("pricePerHour"), endpoint.settings.get("prices"))
        rows.append(
            {"model": name, "concurrency": concurrency}
            | summarise(timings, seconds)
            | {"requests": len(told), "failed": len(failures)}
            | ({} if cost is None else {"costPerThousand": cost})
            | look()
        )
    return rows


def ask_all(endpoint: Endpoint, prompts: list[str], concurrency: int) -> list[Timing | WorkerFailure]:
    """What became of each request. WorkerFailure for one that no other try would change."""
    pool = ThreadPoolExecutor(concurrency, thread_name_prefix="serving")
    try:
        return list(pool.map(partial(_attempt, endpoint), prompts))
    finally:
        # who is interrupted does not wait for the answers that are under way
        pool.shutdown(wait=False, cancel_futures=True)


def _attempt(endpoint: Endpoint, prompt: str) -> Timing | WorkerFailure:
    try:
        return ask(endpoint, prompt)
    except WorkerFailure as failure:
        if failure.kind != "unavailable":
            raise
        return failure


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


def _milliseconds(seconds: float) -> float:
    return round(1000 * float(seconds), 3)
