"""Which attempt of a Job is its last one, whatever became of those before it."""

from pathlib import Path

import pytest

from evaluator.attempts import last_attempt
from worker.failure import WorkerFailure

ALLOWED = {"job": "1/", "most": 3}


class Killed(BaseException):
    """Ends an attempt without a word, as SIGKILL does."""


def attempt(ending: BaseException | None, job: str = "1/", run: str = "abcdef01") -> bool:
    with pytest.raises(type(ending)), last_attempt(run, ALLOWED | {"job": job}) as is_last:
        raise ending
    return is_last


def failure(kind: str) -> WorkerFailure:
    return WorkerFailure(kind, "Reason", "a message")


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DOCTUNE_STORE", str(tmp_path))
    return tmp_path


def test_evaluation_7_failures_and_kills_count_up_to_the_last_attempt() -> None:
    assert [attempt(ending) for ending in (failure("unavailable"), Killed(), failure("unavailable"))] == [
        False,
        False,
        True,
    ]


def test_evaluation_7_attempts_that_were_stopped_from_outside_do_not_count() -> None:
    stopped = [failure("preemptedSaved")] * 5 + [failure("preemptedUnsaved")] * 5
    assert not any(attempt(ending) for ending in stopped)
    assert [attempt(failure("internal")) for _number in range(3)] == [False, False, True]


def test_evaluation_7_another_job_and_another_run_begin_anew(own_store: Path) -> None:
    assert [attempt(failure("unavailable")) for _number in range(3)][-1]
    assert not attempt(failure("unavailable"), job="2/")
    assert not attempt(failure("unavailable"), run="abcdef02")
    with last_attempt("abcdef02", ALLOWED) as is_last:
        assert not is_last
    # what succeeded needs no count
    assert [folder.name for folder in (own_store / "runs").iterdir()] == ["abcdef01"]


def test_evaluation_7_where_nobody_starts_another_attempt_each_is_the_last(own_store: Path) -> None:
    with last_attempt("abcdef03", None) as is_last:
        assert is_last
    assert not (own_store / "runs").exists()
