"""`transformers serve` as a process of our own on the loopback interface, which ends with the block that needs it."""

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import requests

from worker.failure import WorkerFailure

log = logging.getLogger("evaluator")

HOST = "127.0.0.1"
FIELD = "serving.local"
POLL_SECONDS = 0.2
# of a server that ends on its own; what it still answers nobody waits for
STOP_SECONDS = 5.0
TAIL_LINES, TAIL_SIGNS = 6, 500
ELSEWHERE = "or serve the model elsewhere and name the server in serving.openai"


@dataclass
class Server:
    """`model` is what requests call the model that it serves."""

    process: subprocess.Popen
    url: str
    model: str
    log: Path

    def wait(self, seconds: float) -> None:
        """Return when it has loaded its model. WorkerFailure when it ends before, or takes longer."""
        started = time.monotonic()
        with requests.Session() as session:
            # a proxy in the environment knows nothing of our loopback interface
            session.trust_env = False
            while not self._is_healthy(session):
                if self.process.poll() is not None:
                    raise self.failure("ended before it could answer")
                if time.monotonic() - started > seconds:
                    raise WorkerFailure(
                        "config",
                        "ServerNotHealthy",
                        f"{FIELD}: transformers serve has not loaded the {self.model} model in {seconds:g} s: raise "
                        f"serving.local.startTimeout, {ELSEWHERE}. Its log ends with: {self.tail()}",
                    )
                time.sleep(POLL_SECONDS)
        log.info("server is healthy", extra={"model": self.model, "seconds": round(time.monotonic() - started, 1)})

    def _is_healthy(self, session: requests.Session) -> bool:
        try:
            return session.get(f"{self.url}/health", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def failure(self, what: str) -> WorkerFailure:
        """What it means that the server does not do its work."""
        code = self.process.poll()
        said = f"{FIELD}: transformers serve of the {self.model} model {what}"
        if code == -signal.SIGKILL:
            return WorkerFailure(
                "hostOutOfMemory",
                "ServerOutOfMemory",
                f"{said}: it was killed, probably for memory: raise spec.resources.memory, {ELSEWHERE}",
            )
        ended = f" (exit code {code})" if code is not None else ""
        return WorkerFailure(
            "config",
            "ServerFailed",
            f"{said}{ended}: correct what its log says, {ELSEWHERE}. The log ends with: {self.tail()}",
        )

    def tail(self) -> str:
        """The end of its log in one line."""
        text = self.log.read_text("utf-8", errors="replace") if self.log.is_file() else ""
        lines = [line.strip() for line in text.splitlines() if line.strip()][-TAIL_LINES:]
        return " | ".join(lines)[-TAIL_SIGNS:] or "nothing"


@contextmanager
def started(folder: Path, device: str) -> Iterator[Server]:
    """The server of the model in `folder`, which is stopped when the block ends, however it ends."""
    port = _free_port()
    file = folder.with_name(f"{folder.name}.log")
    # its name relative to where it runs: an "@" or ":" in a path would be read as a revision or a file
    arguments = ["serve", folder.name, "--host", HOST, "--port", str(port), "--device", device, "--log-level", "error"]
    with file.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "transformers.cli.transformers", *arguments],
            cwd=folder.parent,
            env=os.environ | {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_UPDATE_CHECK": "1"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # a group of its own: signals for the evaluator are for the evaluator, and what it started ends with it
            start_new_session=True,
        )
    try:
        yield Server(process, f"http://{HOST}:{port}", folder.name, file)
    finally:
        _stop(process)


def _stop(process: subprocess.Popen) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]
