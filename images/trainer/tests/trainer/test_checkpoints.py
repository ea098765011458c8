"""A checkpoint is whole or is not used."""

import os
import shutil
import time

import pytest

from trainer.checkpoints.sealed import list_checkpoints, newest_valid, resume_point, seal, step_of
from worker.failure import WorkerFailure


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


def run_folder(tmp_path, run="run-a"):
    folder = tmp_path / run / "checkpoints"
    for step in (5, 9):
        written = folder / "partial" / f"checkpoint-{step}"
        written.mkdir(parents=True)
        (written / "weights").write_text(f"weights of {step}")
        seal(written, folder, step, keep=3)
    return folder


def test_training_21_a_checkpoint_of_another_run_is_refused(tmp_path):
    folder, other = run_folder(tmp_path), run_folder(tmp_path, "run-b")
    shutil.copytree(other / "step-9", folder / "step-12")
    with pytest.raises(WorkerFailure) as refused:
        resume_point(folder)
    assert (refused.value.code, refused.value.reason) == (11, "ForeignCheckpoint")
    assert '"step-12" of run "run-a" was written by run "run-b"' in refused.value.message
    assert [step_of(checkpoint) for checkpoint in list_checkpoints(folder)] == [12, 9, 5]


def test_training_21_a_run_of_damaged_checkpoints_alone_does_not_begin_anew(tmp_path):
    folder = run_folder(tmp_path)
    (folder / "step-9" / "weights").write_text("other")
    assert step_of(resume_point(folder)) == 5
    (folder / "step-5" / "weights").unlink()
    with pytest.raises(WorkerFailure) as refused:
        resume_point(folder)
    assert (refused.value.code, refused.value.reason) == (11, "CheckpointsDamaged")
    assert '"runs/run-a/checkpoints"' in refused.value.message
    assert len(list_checkpoints(folder)) == 2


def test_training_21_a_clock_that_is_wrong_decides_nothing_and_is_told(tmp_path, caplog):
    folder = run_folder(tmp_path)
    tomorrow = time.time() + 86_400
    for path in [*(folder / "step-5").rglob("*"), folder / "step-5"]:
        os.utime(path, (tomorrow, tomorrow))
    assert step_of(resume_point(folder)) == 9
    assert caplog.records == []
    for path in (folder / "step-9").rglob("*"):
        os.utime(path, (tomorrow, tomorrow))
    assert step_of(resume_point(folder)) == 9
    assert [record.reason for record in caplog.records] == ["ClockSkew"]


def test_training_21_a_run_without_checkpoints_begins(tmp_path):
    assert resume_point(tmp_path / "run-c" / "checkpoints") is None
