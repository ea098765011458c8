"""What nobody has asked for in a long time goes, and what is still of use stays however old it is."""

import os
import time
from pathlib import Path

import pytest

from evaluator.answer_log import AnswerLog, shared_folder
from evaluator.forgetting import KEPT_SECONDS, forget

DAY = 24 * 3600


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DOCTUNE_STORE", str(tmp_path))
    return tmp_path


def written(kind: str, name: str, *keys: str, days_ago: float) -> Path:
    """A log as a process of that day has left it."""
    folder = shared_folder(kind, name)
    before = set(folder.glob("*.jsonl"))
    log = AnswerLog(folder)
    log.add((key, {"output": f"answer to {key}"}) for key in keys)
    log.close()
    [path] = set(folder.glob("*.jsonl")) - before
    then = time.time() - days_ago * DAY
    os.utime(path, (then, then))
    return path


def test_evaluation_18_answers_that_were_not_used_for_long_go_with_their_folder() -> None:
    old = [written(kind, "old", "a", days_ago=101) for kind in ("samples", "benchmarks", "judge")]
    young = written("samples", "young", "a", days_ago=99)
    mixed = [written("judge", "mixed", "a", days_ago=200), written("judge", "mixed", "b", days_ago=1)]
    assert forget() == 4
    assert not any(path.parent.exists() for path in old)
    assert [young.exists(), *(path.exists() for path in mixed)] == [True, False, True]
    assert AnswerLog(mixed[0].parent).get("a") is None
    assert AnswerLog(mixed[1].parent).get("b") == {"output": "answer to b"}
    assert forget() == 0


def test_evaluation_18_an_old_answer_that_is_still_asked_for_stays() -> None:
    asked = written("samples", "base", "a", "b", days_ago=300)
    other = written("samples", "base", "c", days_ago=300)
    log = AnswerLog(asked.parent)
    assert log.get("a") is not None
    log.close()
    assert forget() == 1
    assert (asked.exists(), other.exists()) == (True, False)
    # and goes when it is not asked for any more
    assert forget(time.time() + KEPT_SECONDS + DAY) == 1
    assert list(asked.parents[1].iterdir()) == []


def test_evaluation_18_to_be_of_use_makes_no_answer_a_newer_one() -> None:
    old = written("judge", "j", "a", days_ago=30)
    folder = old.parent
    log = AnswerLog(folder)
    log.get("a")
    newer = AnswerLog(folder)
    newer.add([("a", {"output": "newer"})])
    newer.close()
    log.close()
    assert AnswerLog(folder).get("a") == {"output": "newer"}


def test_evaluation_12_keys_of_sheets_that_people_have_stay(own_store: Path) -> None:
    key = shared_folder("people", "sheet") / "key.json"
    key.parent.mkdir(parents=True)
    key.write_text("{}")
    os.utime(key, (0, 0))
    assert forget() == 0 and key.exists()


def test_evaluation_18_a_folder_that_was_tidied_away_meanwhile_is_made_again() -> None:
    log = AnswerLog(shared_folder("samples", "empty"))
    forget()
    log.add([("a", {"output": "a"})])
    log.close()
    assert AnswerLog(shared_folder("samples", "empty")).get("a") == {"output": "a"}


def test_evaluation_18_what_cannot_be_removed_fails_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    path = written("samples", "kept", "a", days_ago=200)

    def refuse(_path: Path, missing_ok: bool = False) -> None:
        raise PermissionError("read-only")

    monkeypatch.setattr(Path, "unlink", refuse)
    assert forget() == 0 and path.exists()
