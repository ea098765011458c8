"""An OpenAI-compatible endpoint: one chat completion at a time, tried again where that can help."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from evaluator.pace import Pace, estimated_tokens
from worker.failure import WorkerFailure

TRIES = 6
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 30.0
# another tokenizer may need more tokens than the estimate, above all for code
SAFETY = 1.2
# an account without balance (402), wrong keys and missing models do not get better
FATAL = {
    401: ("credentials", "EndpointUnauthorized", "refuses the key: correct {field}.apiKeySecretRef"),
    402: ("budget", "EndpointUnpaid", "says that its account has no balance: pay it in, or correct {field}"),
    403: ("credentials", "EndpointUnauthorized", "refuses the model: correct {field}.apiKeySecretRef or {field}.model"),
    404: ("config", "EndpointNotFound", "has no such model or address: correct {field}.baseURL or {field}.model"),
}


# what is wrong with one request need not be wrong with the next: contents that are not allowed, a length
REFUSED = (400, 413, 422)


class QuestionRefused(WorkerFailure):
    """No other try of this request will be answered."""


class EndpointClosed(WorkerFailure):
    """No other question to this endpoint will be answered before somebody corrects something."""


@dataclass(frozen=True)
class Reply:
    """`tokens` of prompt and answer as the endpoint counts them, `seconds` of the try that succeeded."""

    text: str
    prompt_tokens: int
    answer_tokens: int
    seconds: float


@dataclass
class Endpoint:
    """`settings` are an endpoint of the contract, `field` names it in failures."""

    settings: dict[str, Any]
    field: str
    _local: threading.local = field(default_factory=threading.local)
    _requests: Pace = field(init=False)
    _tokens: Pace = field(init=False)

    def __post_init__(self) -> None:
        self._requests = Pace(self.settings.get("requestsPerMinute"))
        self._tokens = Pace(self.settings.get("tokensPerMinute"))

    @property
    def model(self) -> str:
        return self.settings["model"]

    @property
    def concurrency(self) -> int:
        return self.settings["concurrency"]

    def fits(self, messages: list[dict[str, str]]) -> bool:
        """Whether prompt and answer are within maxContextTokens together, as far as can be known."""
        allowed = self.settings.get("maxContextTokens")
        return allowed is None or estimated_tokens(messages) * SAFETY + self.settings["maxTokens"] <= allowed

    def ask(self, messages: list[dict[str, str]], temperature: float, **options: Any) -> Reply:
        """The answer to a conversation. WorkerFailure where no try succeeds, or none can."""
        body = {
            "model": self.model,
            "messages": messages,
            "temperature": temperature,
            "max_tokens": self.settings["maxTokens"],
            **options,
        }
        trouble, most = "", estimated_tokens(messages) + self.settings["maxTokens"]
        for number in range(TRIES):
            if number:
                time.sleep(min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** (number - 1)))
            self._requests.take(1)
            self._tokens.take(most)
            used, started = 0, time.monotonic()
            try:
                with self.posted(body) as response:
                    if response.status_code == 200:
                        reply = _reply(response.json(), time.monotonic() - started)
                        # an endpoint that counts nothing is taken to use what was foreseen
                        used = reply.prompt_tokens + reply.answer_tokens or most
                        return reply
                    self.refuse(response)
                    trouble = f"status {response.status_code}"
                    time.sleep(min(LONGEST_WAIT_SECONDS, _retry_after(response)))
            except (requests.RequestException, ValueError, KeyError, IndexError, TypeError) as error:
                trouble = f"{type(error).__name__}: {error}"[:200]
            finally:
                self._tokens.correct(most, used)
        raise WorkerFailure(
            "unavailable",
            "EndpointUnavailable",
            f'{self.field}: "{self.settings["baseURL"]}" gave no answer in {TRIES} tries, the last with {trouble}',
        )

    @contextmanager
    def posted(self, body: dict[str, Any]) -> Iterator[requests.Response]:
        """The response to a request, which may still be coming where `body` asks for a stream."""
        with self._session().post(
            f"{self.settings['baseURL'].rstrip('/')}/chat/completions",
            json=body,
            headers=self._headers(),
            timeout=self.settings["timeoutSeconds"],
            stream=bool(body.get("stream")),
        ) as response:
            yield response

    def refuse(self, response: requests.Response) -> None:
        """QuestionRefused or EndpointClosed for an answer that no other try would change."""
        status = response.status_code
        if status in REFUSED:
            told = f"turns the request down: correct {self.field}"
            raise QuestionRefused("config", "EndpointRefused", self._told(told, response))
        if status in FATAL:
            kind, reason, message = FATAL[status]
            raise EndpointClosed(kind, reason, self._told(message.format(field=self.field), response))

    def _told(self, what: str, response: requests.Response) -> str:
        said = " ".join(response.text[:200].split())
        return f"{self.field}: the endpoint {what} (status {response.status_code}: {said})"

    def _session(self) -> requests.Session:
        # sessions keep a connection open, and are not made for several threads
        if not hasattr(self._local, "session"):
            session = requests.Session()
            session.trust_env = False
            if proxy := self.settings.get("proxy"):
                session.proxies = {"http": proxy, "https": proxy}
            if authority := self.settings.get("caFile"):
                session.verify = authority
            self._local.session = session
        return self._local.session

    def _headers(self) -> dict[str, str]:
        headers = dict(self.settings.get("headers") or {})
        if file := self.settings.get("apiKeyFile"):
            # read each time, since a key may be exchanged while we run
            headers["Authorization"] = f"Bearer {Path(file).read_text('utf-8').strip()}"
        return headers


def _reply(value: dict[str, Any], seconds: float) -> Reply:
    text = value["choices"][0]["message"]["content"] or ""
    usage = value.get("usage") or {}
    return Reply(text, int(usage.get("prompt_tokens", 0)), int(usage.get("completion_tokens", 0)), seconds)


def _retry_after(response: requests.Response) -> float:
    try:
        return max(0.0, float(response.headers.get("Retry-After", 0)))
    except ValueError:
        return 0.0
