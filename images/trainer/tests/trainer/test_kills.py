"""[T22] A run that is killed twenty times, at any moment, is the run that was not: by step, by row, by bit."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest

from tests.trainer.builders import rows, train_input
from tests.trainer.nursery import EVENTS

ROWS, BATCH, ACCUMULATION = 48, 4, 2
STEPS_AN_EPOCH = ROWS // (BATCH * ACCUMULATION)
EPOCHS = 10
# how many kills in each phase, and at which of its events after a start at the latest: so often that the first fifteen
# come before the end of the training, whichever they are
TRAINING = {"step": (8, 6), "evaluation": (4, 4), "save": (3, 1)}
PUBLISHING = {"generation": (3, 2), "export": (2, 1)}


class Nursery:
    """Starts runs and gives their exit codes; `events` are those of the last one."""

    def __init__(self, work) -> None:
        self.work = work
        self.file = work.folder / "events"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.trainer.nursery"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, value, kill=None) -> int:
        """Run to the end, or to `kill`: (signal, phase, number of the event, seconds after it)."""
        self.file.unlink(missing_ok=True)
        environment = {**self.work._environment(value), EVENTS: str(self.file)}
        self.process.stdin.write(json.dumps(environment) + "\n")
        self.process.stdin.flush()
        pid = json.loads(self.process.stdout.readline())["pid"]
        if kill:
            number, phase, count, delay = kill
            self.wait(pid, phase, count)
            time.sleep(delay)
            os.kill(pid, number)
        return json.loads(self.process.stdout.readline())["code"]

    def wait(self, pid: int, phase: str, count: int) -> None:
        deadline = time.monotonic() + 120
        while not self.file.is_file() or self.file.read_text().count(f'{{"phase": "{phase}"') < count:
            # a zombie is there until the nursery has said its code
            if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z" or time.monotonic() > deadline:
                pytest.fail(f'the run ended before "{phase}" number {count}')
            time.sleep(0.002)

    def events(self) -> list[dict]:
        if not self.file.is_file():
            return []
        # the last line may be half written
        return [json.loads(line) for line in self.file.read_text().split("\n")[:-1]]


@pytest.fixture
def nursery(work):
    nursery = Nursery(work)
    yield nursery
    nursery.process.stdin.close()
    nursery.process.wait(60)


def draw_kills(generator: random.Random) -> list[tuple[signal.Signals, str, int, float]]:
    def drawn(phases, longest_delay):
        kills = [(phase, last) for phase, (number, last) in phases.items() for _ in range(number)]
        generator.shuffle(kills)
        for phase, last in kills:
            number = generator.choice([signal.SIGKILL, signal.SIGTERM])
            yield number, phase, generator.randint(1, last), generator.uniform(0, longest_delay)

    kills = [*drawn(TRAINING, 0.02), *drawn(PUBLISHING, 0.0)]
    # never left to chance: in the first batch after a start, which has drawn numbers for a step that is not done
    kills[7] = (signal.SIGTERM, "step", 1, 0.0)
    return kills


def add_to(ledger: dict[int, dict], events: list[dict]) -> None:
    """Rows and loss of each step that came to its end; a step that is done again must be the same again."""
    seen: dict[int, list[str]] = {}
    for event in events:
        if event["phase"] == "step":
            seen.setdefault(event["step"], []).extend(event["rows"])
        if event["phase"] == "loss":
            entry = {"rows": seen[event["step"]], "loss": event["loss"]}
            assert ledger.setdefault(event["step"], entry) == entry


def artifact_of(nursery: Nursery) -> dict:
    return json.loads((nursery.work.folder / "result.json").read_text("utf-8"))["artifact"]


def test_training_22_twenty_kills_leave_no_trace(work, nursery):
    value = train_input(
        work.dataset(rows(ROWS, recall=6, unseen=6)),
        training={
            "maxSteps": EPOCHS * STEPS_AN_EPOCH,
            "perDeviceBatchSize": BATCH,
            "gradientAccumulationSteps": ACCUMULATION,
            "evalSteps": 3,
        },
        checkpoint={"everySteps": 3, "keep": 2},
    )
    assert nursery.run(value) == 0
    undisturbed: dict[int, dict] = {}
    add_to(undisturbed, nursery.events())
    artifact = artifact_of(nursery)
    shutil.rmtree(work.store / "runs")
    shutil.rmtree(work.store / "artifacts" / "adapters")

    seed = random.SystemRandom().randrange(2**32)
    print(f"seed of the kills: {seed}")
    ledger: dict[int, dict] = {}
    for kill in draw_kills(random.Random(seed)):
        code = nursery.run(value, kill)
        print(kill, code)
        # 41: before the first checkpoint
        assert code == -9 if kill[0] == signal.SIGKILL else code in {40, 41}
        assert kill[1] in TRAINING or code in {-9, 40}
        add_to(ledger, nursery.events())
    assert nursery.run(value) == 0
    add_to(ledger, nursery.events())

    assert ledger == undisturbed
    assert artifact_of(nursery) == artifact
    for start in range(1, len(ledger), STEPS_AN_EPOCH):
        epoch = chain.from_iterable(ledger[step]["rows"] for step in range(start, start + STEPS_AN_EPOCH))
        assert set(Counter(epoch).values()) == {1}
    assert len(set(chain.from_iterable(entry["rows"] for entry in ledger.values()))) == ROWS
