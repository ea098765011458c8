"""An OpenAI-compatible endpoint: one chat completion at a time, tried again where that can help."""

import threading
import time
from collections.abc import Callable, Iterator
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
# shorter than any key: what is no secret stays readable
LEAST_KEY = 4
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


class Unaffordable(Exception):  # noqa: N818 - the end of the money is no error
    """There is no money for another try."""


@dataclass(frozen=True)
class Reply:
    """`tokens` of prompt and answer as the endpoint counts them, or about so many where it counts none; `seconds` of
    the try that succeeded.
    """

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

    def ask(
        self,
        messages: list[dict[str, str]],
        temperature: float,
        wasted: Callable[[int, int], bool] = lambda _prompt, _answer: True,
        **options: Any,
    ) -> Reply:
        """The answer to a conversation. WorkerFailure where no try succeeds, or none can.

        `wasted` is told the tokens of an answer of no use, which are paid all the same, and says whether there is money
        for another: Unaffordable where there is none.
        """
        body = {
            "model": self.model,
            "messages": messages,
            "temperature": temperature,
            "max_tokens": self.settings["maxTokens"],
            **options,
        }
        trouble, prompt = "", estimated_tokens(messages)
        most = prompt + self.settings["maxTokens"]
        for number in range(TRIES):
            if number:
                time.sleep(min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** (number - 1)))
            self._requests.take(1)
            self._tokens.take(most)
            used, started = 0, time.monotonic()
            try:
                with self.posted(body) as response:
                    if response.status_code == 200:
                        text, trouble = _text(response)
                        counted = self._counted(prompt, text, response)
                        used = sum(counted)
                        if not trouble:
                            return Reply(text, *counted, time.monotonic() - started)
                        if not wasted(*counted):
                            raise Unaffordable
                        continue
                    self.refuse(response)
                    trouble = f"status {response.status_code}"
                    time.sleep(min(LONGEST_WAIT_SECONDS, _retry_after(response)))
            except (requests.RequestException, ValueError) as error:
                trouble = self.without_key(f"{type(error).__name__}: {error}")[:200]
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
        # the key goes before the text is cut, which could leave a part of it
        said = " ".join(self.without_key(response.text).split())[:200]
        return f"{self.field}: the endpoint {what} (status {response.status_code}: {said})"

    def _counted(self, prompt: int, text: str, response: requests.Response) -> tuple[int, int]:
        """Tokens of prompt and answer: a budget has to hold also where the endpoint tells none."""
        value = _json(response)
        usage = value.get("usage") if isinstance(value, dict) else None
        answer = min(self.settings["maxTokens"], estimated_tokens([{"content": text}]))
        told = usage if isinstance(usage, dict) else {}
        return _number(told.get("prompt_tokens"), prompt), _number(told.get("completion_tokens"), answer)

    def without_key(self, text: str) -> str:
        """What an endpoint said, which may be our own request, as logs and status may have it."""
        for part in self._key().split():
            if len(part) >= LEAST_KEY:
                text = text.replace(part, "***")
        return text

    def _key(self) -> str:
        # read each time, since a key may be exchanged while we run
        file = self.settings.get("apiKeyFile")
        return Path(file).read_text("utf-8").strip() if file else ""

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
        if key := self._key():
            headers["Authorization"] = f"Bearer {key}"
        return headers


def _text(response: requests.Response) -> tuple[str, str]:
    """The text of an answer, and what is wrong with its form; then the text is all that came."""
    try:
        text = response.json()["choices"][0]["message"]["content"] or ""
    except (ValueError, KeyError, IndexError, TypeError) as error:
        return response.text, f"no chat completion ({type(error).__name__})"
    return (text, "") if isinstance(text, str) else (response.text, "no text")


def _json(response: requests.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _number(told: Any, otherwise: int) -> int:
    """What an endpoint counts. 0 is no count: a request has tokens."""
    return int(told) if isinstance(told, int | float) and told > 0 else otherwise


def _retry_after(response: requests.Response) -> float:
    try:
        return max(0.0, float(response.headers.get("Retry-After", 0)))
    except ValueError:
        return 0.0
