"""One request to a server, as its answer comes."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests
import urllib3

from evaluator.endpoint import Endpoint
from worker.failure import WorkerFailure


@dataclass(frozen=True)
class Usage:
    """Tokens of a request as the server counts them; `cached` are those of the prompt that it had at hand."""

    prompt: int
    cached: int
    answer: int


@dataclass(frozen=True)
class Timing:
    """Of one answer, in seconds; `gaps` are the times between the pieces of its stream."""

    first: float
    gaps: list[float]
    total: float
    usage: Usage | None = None

    @property
    def tokens(self) -> int:
        return self.usage.answer if self.usage else len(self.gaps) + 1


def ask(endpoint: Endpoint, prompt: str) -> Timing:
    """One answer as it comes. WorkerFailure where the server gives none."""
    body = {
        "model": endpoint.model,
        "messages": [{"role": "user", "content": prompt}],
        "temperature": 0,
        "max_tokens": endpoint.settings["maxTokens"],
        "stream": True,
    }
    if endpoint.settings.get("prices"):
        # not asked of servers whose tokens cost nothing, since some turn down what they do not know
        body["stream_options"] = {"include_usage": True}
    times, usage = [], None
    started = time.perf_counter()
    try:
        with endpoint.posted(body) as response:
            endpoint.refuse(response)
            if response.status_code != 200:
                raise _silent(endpoint, f"status {response.status_code}")
            for chunk in chunks(lines(response.raw)):
                if "error" in chunk:
                    raise _silent(endpoint, f"the error {endpoint.without_key(str(chunk['error']))[:200]}")
                usage = usage_of(chunk) or usage
                if text_of(chunk):
                    times.append(time.perf_counter())
    except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
        raise _silent(endpoint, endpoint.without_key(f"{type(error).__name__}: {error}")[:200]) from error
    if not times:
        raise _silent(endpoint, "an answer without a token")
    gaps = [after - before for before, after in zip(times, times[1:], strict=False)]
    return Timing(times[0] - started, gaps, times[-1] - started, usage)


def lines(stream: Any) -> Iterator[bytes]:
    """Lines as they come: what is read in blocks of a size comes late."""
    rest = b""
    while block := stream.read1(1 << 16):
        *whole, rest = (rest + block).split(b"\n")
        yield from whole
    if rest:
        yield rest


def chunks(events: Iterator[bytes]) -> Iterator[dict[str, Any]]:
    """The values of a stream of server-sent events."""
    for line in events:
        data = line.decode(errors="replace").removeprefix("data:").strip()
        if line.startswith(b"data:") and data != "[DONE]":
            yield json.loads(data)


def text_of(chunk: dict[str, Any]) -> str:
    choices = chunk.get("choices") or [{}]
    return choices[0].get("delta", {}).get("content") or ""


def usage_of(chunk: dict[str, Any]) -> Usage | None:
    usage = chunk.get("usage")
    if not usage:
        return None
    cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
    return Usage(usage["prompt_tokens"], cached, usage["completion_tokens"])


def _silent(endpoint: Endpoint, what: str) -> WorkerFailure:
    address = endpoint.settings["baseURL"]
    return WorkerFailure("unavailable", "EndpointUnavailable", f'{endpoint.field}: "{address}" gave {what}')
