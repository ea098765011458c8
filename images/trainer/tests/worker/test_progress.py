"""Reports over real HTTP: the newest wins, a dead or refusing server is no trouble."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from worker.contract import problem
from worker.progress import TIMEOUT_SECONDS, Reporter, report


class Server(ThreadingHTTPServer):
    def __init__(self) -> None:
        self.bodies: list[dict] = []
        self.tokens: list[str | None] = []
        self.gate = threading.Event()
        self.status = 200
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/report"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.bodies.append(body)
        self.server.tokens.append(self.headers["Authorization"])
        self.server.gate.wait(5)
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.gate.set()
    made.shutdown()
    made.server_close()


def test_a_report_fits_the_protocol() -> None:
    body = report(12.7, {"items_done": 5, "loss": 0.1234567}, 3.6)
    assert problem("progress", body) is None
    status = body["trainerStatus"]
    assert (status["progressPercentage"], status["estimatedRemainingSeconds"]) == (12, 4)
    assert status["metrics"] == [{"name": "items_done", "value": "5"}, {"name": "loss", "value": "0.1234567"}]


def test_while_one_report_is_under_way_only_the_newest_waits(server: Server, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("secret\n")
    reporter = Reporter(server.url, token_file=str(token))
    reporter.post(0, {})
    deadline = time.monotonic() + 60
    while not server.bodies and time.monotonic() < deadline:
        time.sleep(0.01)
    for percent in range(1, 100):
        reporter.post(percent, {})
    server.gate.set()
    reporter.close()
    assert [body["trainerStatus"]["progressPercentage"] for body in server.bodies] == [0, 99]
    assert server.tokens == ["Bearer secret"] * 2


def test_a_report_is_repeated_with_the_time_at_which_it_is_as_long_as_that_is_asked_for(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.progress.QUIET_SECONDS", 0.01)
    server.gate.set()
    reporter = Reporter(server.url)
    reporter.post(None, {"step": 3})
    deadline = time.monotonic() + 5
    with reporter.repeating():
        while len(server.bodies) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
    reporter.close()
    told = [body["trainerStatus"] for body in server.bodies]
    assert len(told) >= 3
    assert all(problem("progress", body) is None for body in server.bodies)
    assert all("progressPercentage" not in status for status in told)
    assert [status["metrics"] for status in told] == [[{"name": "step", "value": "3"}]] * len(told)
    assert len({status["lastUpdatedTime"] for status in told}) > 1


def test_a_refusing_server_does_not_stop_the_reports(server: Server) -> None:
    server.status = 503
    server.gate.set()
    reporter = Reporter(server.url)
    reporter.post(1, {})
    deadline = time.monotonic() + 60
    while not server.bodies and time.monotonic() < deadline:
        time.sleep(0.01)
    reporter.post(2, {})
    reporter.close()
    assert [body["trainerStatus"]["progressPercentage"] for body in server.bodies] == [1, 2]


@pytest.mark.parametrize("url", [None, "http://127.0.0.1:9/report", "nonsense"])
def test_no_server_or_a_dead_one_costs_nothing(url: str | None) -> None:
    reporter = Reporter(url)
    started = time.monotonic()
    reporter.post(1, {"loss": 1.0})
    reporter.close()
    assert time.monotonic() - started < TIMEOUT_SECONDS
