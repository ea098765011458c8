"""A checkpoint is whole or is not used."""

import pytest

from trainer.checkpoints import list_checkpoints, newest_valid, seal, step_of


@pytest.fixture
def folder(tmp_path):
    for step in (1, 2, 10):
        written = tmp_path / "partial" / f"checkpoint-{step}"
        written.mkdir(parents=True)
        (written / "weights").write_text(f"weights of {step}")
        seal(written, tmp_path, step, keep=3)
    return tmp_path


def test_the_newest_is_taken_by_number(folder):
    assert step_of(newest_valid(folder)) == 10


@pytest.mark.parametrize(
    "damage",
    [
        lambda checkpoint: (checkpoint / "weights").write_text("other"),
        lambda checkpoint: (checkpoint / "weights").unlink(),
        lambda checkpoint: (checkpoint / "COMPLETE").unlink(),
        lambda checkpoint: (checkpoint / "SHA256SUMS").write_text(""),
        lambda checkpoint: (checkpoint / "more").write_text("more"),
    ],
)
def test_a_damaged_one_is_passed_over(folder, damage):
    damage(folder / "step-10")
    assert step_of(newest_valid(folder)) == 2


def test_what_is_being_written_is_no_checkpoint(folder):
    (folder / "partial" / "checkpoint-11").mkdir()
    assert [step_of(checkpoint) for checkpoint in list_checkpoints(folder)] == [10, 2, 1]


def test_older_ones_are_removed(folder):
    written = folder / "partial" / "checkpoint-11"
    written.mkdir()
    seal(written, folder, 11, keep=2)
    assert [step_of(checkpoint) for checkpoint in list_checkpoints(folder)] == [11, 10]


def test_without_any_there_is_none(tmp_path):
    assert newest_valid(tmp_path) is None
