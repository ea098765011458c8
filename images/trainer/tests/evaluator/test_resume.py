"""The program as its pod runs it: stopped, killed, started again."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evaluator.answer_log import AnswerLog
from evaluator.evaluate import evaluate
from worker.progress import Reporter
from worker.termination import Termination

PATIENCE_SECONDS = 300
SLOW = {"maxNewTokens": 120, "maxInputTokens": 512, "name": "default"}


@pytest.fixture
def worker(store: Path, tmp_path: Path, evaluation: dict[str, Any]) -> "Worker":
    # its own copy of the store, so that its run begins with nothing
    own = tmp_path / "store"
    shutil.copytree(store, own, ignore=shutil.ignore_patterns("cache"))
    return Worker(own, tmp_path, evaluation | {"settings": [SLOW], "batchSize": 2, "splits": ["recall"]})


class Worker:
    def __init__(self, store: Path, folder: Path, value: dict[str, Any]) -> None:
        self.folder = folder
        self.cache = store / "cache" / "evaluations" / "samples"
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
        """All answers that are kept, in the order of the processes that wrote them."""
        files = sorted(self.cache.glob("*/*.jsonl"), key=lambda file: file.stat().st_ctime_ns)
        return [line for file in files for line in file.read_text().split("\n")[:-1]]

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
    written = next(worker.cache.glob("*/*.jsonl"))
    with written.open("a") as file:
        file.write('{"key": "sha')
    assert worker.stop_after(len(killed) + 4, signal.SIGTERM) == 40
    stopped = worker.lines()
    assert set(killed) < set(stopped)
    assert (worker.result()["reason"], worker.result()["exitCode"]) == ("PreemptedSaved", 40)
    assert worker.result()["message"] == f"stopped after {len(stopped)} of 20 items: start again to go on"

    assert worker.start().wait(PATIENCE_SECONDS) == 0
    finished = worker.lines()
    assert set(stopped) < set(finished)
    assert len({json.loads(line)["key"] for line in finished}) == len(finished) == 20
    interrupted = worker.result()

    shutil.rmtree(worker.cache)
    assert worker.start().wait(PATIENCE_SECONDS) == 0
    assert worker.result() == interrupted
    log = [json.loads(line) for line in (worker.folder / "log").read_text().splitlines() if line.startswith("{")]
    kept = [line["samplesKept"] for line in log if line["msg"] == "measuring"]
    assert kept == [0, len(killed), len(stopped), 0]


def test_evaluation_18_twenty_kills_at_any_moment_repeat_nothing(
    store: Path, tmp_path: Path, evaluation: dict[str, Any]
) -> None:
    """Real processes that measure with a real model, forked so that each needs no seconds of imports."""
    import evaluator.measure  # noqa: F401 - so that children need not import it

    own = tmp_path / "store"
    shutil.copytree(store, own, ignore=shutil.ignore_patterns("cache"))
    value = evaluation | {"settings": [SLOW | {"maxNewTokens": 16}], "batchSize": 1, "metrics": ["bleu"]}
    lots = random.Random(7)

    def lines() -> list[str]:
        return [
            line
            for file in (own / "cache").rglob("*.jsonl")
            for line in file.read_text().split("\n")[:-1]
            if "sample" in json.loads(line)
        ]

    kills = 0
    for _attempt in range(60):
        before = len(lines())
        process = os.fork()
        if process == 0:
            os.environ["DOCTUNE_STORE"] = str(own)
            result = evaluate(value, Reporter(None), Termination())
            (tmp_path / "result.json").write_text(json.dumps(result))
            os._exit(0)
        # at any moment within two answers, or in the middle of loading
        wanted, deadline = before + lots.choice([0, 1, 1, 2]), time.monotonic() + PATIENCE_SECONDS
        while len(lines()) < wanted and time.monotonic() < deadline:
            if kills >= 20 or os.waitpid(process, os.WNOHANG)[0]:
                break
            time.sleep(0.002)
        if kills < 20:
            time.sleep(lots.random() * 0.03)
            try:
                os.kill(process, signal.SIGKILL)
                kills += os.waitpid(process, 0)[1] == signal.SIGKILL
            except ProcessLookupError:
                pass
        else:
            os.waitpid(process, 0)
        if (tmp_path / "result.json").exists():
            break
    assert kills >= 20
    written = [json.loads(line)["key"] for line in lines()]
    assert len(written) == len(set(written)) == 34
    result = json.loads((tmp_path / "result.json").read_text())
    expected = evaluate(value, Reporter(None), Termination())
    assert result == expected


def test_evaluation_18_five_hundred_kills_between_items_repeat_no_question(tmp_path: Path) -> None:
    """A model that is slow and a judge that costs money: each question is asked once, however often they are killed."""
    items, folder, asked = 900, tmp_path / "log", tmp_path / "asked"
    lots, kills = random.Random(3), 0
    for _attempt in range(1000):
        process = os.fork()
        if process == 0:
            log = AnswerLog(folder)
            left = lots.randint(1, 2) if kills < 500 else items
            for item in range(items):
                if log.get(f"item-{item}"):
                    continue
                with asked.open("a") as calls:
                    calls.write(f"{item}\n")
                log.add([(f"item-{item}", {"output": f"answer {item}"})])
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
            os._exit(0)
        lots.random()
        status = os.waitpid(process, 0)[1]
        if os.waitstatus_to_exitcode(status) == 0:
            break
        kills += 1
    assert kills >= 500
    assert sorted(map(int, asked.read_text().split())) == list(range(items))
    log = AnswerLog(folder)
    assert [log.get(f"item-{item}") for item in range(items)] == [{"output": f"answer {item}"} for item in range(items)]


def test_evaluation_18_the_baseline_of_equal_digests_is_not_asked_again(
    store: Path,
    evaluation: dict[str, Any],
    publish_adapter: Callable[..., dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from evaluator import measure

    # other tests measure the same adapters
    shutil.rmtree(store / "cache", ignore_errors=True)
    asked: list[str] = []
    answer = measure._answer
    monkeypatch.setattr(
        measure,
        "_answer",
        lambda acting, contestant, *rest: asked.append(contestant.name) or answer(acting, contestant, *rest),
    )
    first = evaluate(evaluation, Reporter(None), Termination())
    asked.clear()
    second = evaluate(evaluation | {"adapter": publish_adapter(0.3)}, Reporter(None), Termination())
    assert set(asked) == {"tuned"}
    assert [row[3] for row in second["summary"]["results"]] == [row[3] for row in first["summary"]["results"]]
    asked.clear()
    # what else is wanted of the same answers is computed, and what is there is kept
    evaluate(evaluation | {"metrics": ["bleu", "rougeL"]}, Reporter(None), Termination())
    assert asked == []
