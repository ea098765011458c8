"""An OpenAI-compatible endpoint on this machine whose answers a test decides, and whose faults it chooses."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PART = re.compile(
    r"\[(?P<name>[a-z0-9 ]+) (?P<mark>[0-9a-f]{12})\]\n(?P<text>.*?)\n\[end of (?P=name) (?P=mark)\]", re.DOTALL
)

# what it counts of every request
USAGE = {"prompt_tokens": 100, "completion_tokens": 20}

Answer = Callable[[dict[str, Any]], str | bytes | int | None]


class ChatServer:
    """`answer` gives the text of an answer to a request, bytes for a whole body, or the status of a failure; None hangs
    up. `requests` are all bodies. `refusal` is what a failure says, after the headers of its request.
    """

    def __init__(
        self,
        answer: Answer,
        seconds: float = 0.0,
        piece_seconds: float = 0.0,
        usage: dict[str, int] | None = USAGE,
        refusal: str | None = None,
    ) -> None:
        self.answer, self.seconds, self.piece_seconds = answer, seconds, piece_seconds
        self.usage, self.refusal = usage, refusal
        self.requests: list[dict[str, Any]] = []
        self.most_at_once = 0
        self._running = 0
        self._lock = threading.Lock()
        self.url = ""

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        with self._lock:
            self.requests.append(body)
            self._running += 1
            self.most_at_once = max(self.most_at_once, self._running)
        time.sleep(self.seconds)
        said = self.answer(body)
        with self._lock:
            self._running -= 1
        if said is None:
            handler.close_connection = True
        elif isinstance(said, int):
            data = b"{}" if self.refusal is None else f"{handler.headers['Authorization']} {self.refusal}".encode()
            handler.send_response(said)
            handler.send_header("Content-Length", str(len(data)))
            handler.end_headers()
            handler.wfile.write(data)
        elif body.get("stream"):
            self._stream(handler, said, body)
        else:
            self._send(handler, said)

    def _send(self, handler: BaseHTTPRequestHandler, said: str | bytes) -> None:
        value: dict[str, Any] = {"choices": [{"message": {"role": "assistant", "content": said}}]}
        if isinstance(said, str) and self.usage:
            value["usage"] = self.usage
        data = json.dumps(value).encode() if isinstance(said, str) else said
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def _stream(self, handler: BaseHTTPRequestHandler, said: str, body: dict[str, Any]) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Connection", "close")
        handler.end_headers()
        for piece in said.split():
            value = {"choices": [{"delta": {"content": piece + " "}}]}
            handler.wfile.write(f"data: {json.dumps(value)}\n\n".encode())
            handler.wfile.flush()
            time.sleep(self.piece_seconds)
        if (body.get("stream_options") or {}).get("include_usage"):
            usage = {**USAGE, "prompt_tokens_details": {"cached_tokens": 40}}
            handler.wfile.write(f"data: {json.dumps({'choices': [], 'usage': usage})}\n\n".encode())
        handler.wfile.write(b"data: [DONE]\n\n")
        handler.close_connection = True


@contextmanager
def serving(answer: Answer, **options: Any) -> Iterator[ChatServer]:
    """The server, until the block ends."""
    server = ChatServer(answer, **options)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # small writes must not wait for each other
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            server.handle(self)

        def log_message(self, *_given: Any) -> None:
            pass

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    thread = threading.Thread(target=listener.serve_forever, daemon=True)
    thread.start()
    server.url = f"http://127.0.0.1:{listener.server_port}/v1"
    try:
        yield server
    finally:
        listener.shutdown()
        listener.server_close()


def parts(body: dict[str, Any]) -> dict[str, str]:
    """The parts of a judge's question, by their names."""
    return {found["name"]: found["text"] for found in PART.finditer(body["messages"][1]["content"])}


def endpoint(server: ChatServer, **changes: Any) -> dict[str, Any]:
    """The endpoint as an input names it."""
    return {
        "baseURL": server.url,
        "model": "judge-1",
        "headers": {},
        "maxTokens": 64,
        "concurrency": 4,
        "timeoutSeconds": 30,
        **changes,
    }
