"""The program as its pod runs it: stopped, killed, started again."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

PATIENCE_SECONDS = 300
SLOW = {"maxNewTokens": 120, "maxInputTokens": 512, "name": "default"}


@pytest.fixture
def worker(store: Path, tmp_path: Path, evaluation: dict[str, Any]) -> "Worker":
    # its own copy of the store, so that its run begins with nothing
    own = tmp_path / "store"
    shutil.copytree(store, own)
    return Worker(own, tmp_path, evaluation | {"settings": [SLOW], "batchSize": 2, "splits": ["recall"]})


class Worker:
    def __init__(self, store: Path, folder: Path, value: dict[str, Any]) -> None:
        self.folder = folder
        self.samples = store / "runs" / value["run"]["id"] / "samples.jsonl"
        (folder / "input.json").write_text(json.dumps(value))
        self.environment = os.environ | {
            "DOCTUNE_STORE": str(store),
            "DOCTUNE_INPUT": str(folder / "input.json"),
            "DOCTUNE_RESULT": str(folder / "result.json"),
        }

    def start(self) -> subprocess.Popen[bytes]:
        log = (self.folder / "log").open("ab")
        return subprocess.Popen([sys.executable, "-m", "evaluator"], env=self.environment, stdout=log, stderr=log)

    def result(self) -> dict[str, Any]:
        return json.loads((self.folder / "result.json").read_text())

    def lines(self) -> list[str]:
        return self.samples.read_text().splitlines() if self.samples.exists() else []

    def stop_after(self, lines: int, number: signal.Signals) -> int:
        process = self.start()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(self.lines()) < lines:
            assert process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(number)
        return process.wait(PATIENCE_SECONDS)


def test_a_worker_that_was_killed_or_stopped_repeats_nothing(worker: Worker) -> None:
    assert worker.stop_after(4, signal.SIGKILL) == -signal.SIGKILL
    killed = worker.lines()
    # as if the kill had come in the middle of a line
    with worker.samples.open("a") as file:
        file.write('{"item": "sha')
    assert worker.stop_after(len(killed) + 4, signal.SIGTERM) == 40
    stopped = worker.lines()
    assert stopped[: len(killed)] == killed
    assert (worker.result()["reason"], worker.result()["exitCode"]) == ("PreemptedSaved", 40)
    assert worker.result()["message"] == f"stopped after {len(stopped) - 1} of 20 items: start again to go on"

    assert worker.start().wait(PATIENCE_SECONDS) == 0
    finished = worker.lines()
    assert finished[: len(stopped)] == stopped
    assert len(finished) == 21
    interrupted = worker.result()

    shutil.rmtree(worker.samples.parent)
    assert worker.start().wait(PATIENCE_SECONDS) == 0
    assert worker.result() == interrupted
    log = [json.loads(line) for line in (worker.folder / "log").read_text().splitlines() if line.startswith("{")]
    assert [line["samplesKept"] for line in log if line["msg"] == "measuring"] == [
        0,
        len(killed) - 1,
        len(stopped) - 1,
        0,
    ]
