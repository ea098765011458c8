"""A workplace, and the shortest dataset and run in it."""

from pathlib import Path
from typing import Any

import pytest

from tests.trainer.builders import rows, train_input
from tests.trainer.workplace import Workplace
from worker.threads import limit_threads

# before torch is imported: as the program does, and without it threads wait for each other on a busy machine
limit_threads()


@pytest.fixture
def work(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path)


@pytest.fixture
def dataset(work: Workplace) -> dict[str, str]:
    return work.dataset(rows())


@pytest.fixture
def short_run(dataset: dict[str, str]) -> dict[str, Any]:
    return train_input(dataset)
