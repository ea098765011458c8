"""The store, checked with coreutils as a user would."""

import shutil
import subprocess
from pathlib import Path

import pytest

from worker import store
from worker.failure import WorkerFailure


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DOCTUNE_STORE", str(tmp_path))
    return tmp_path


def published(content: str = "ä\n") -> store.Artifact:
    folder = store.staging()
    (folder / "b").mkdir()
    (folder / "b" / "ä.txt").write_text(content)
    (folder / "Z").write_text("")
    return store.publish(folder, "reports")


def test_an_artifact_is_verified_by_coreutils_alone(root: Path) -> None:
    artifact = published()
    folder = store.verified(artifact, "adapter")
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=folder, check=True, capture_output=True)
    sums = subprocess.run(["sha256sum", "SHA256SUMS"], cwd=folder, check=True, capture_output=True, text=True).stdout
    assert artifact["digest"] == "sha256:" + sums.split()[0]
    assert artifact["uri"] == f"pvc://doctune-artifacts/artifacts/reports/{sums.split()[0]}"
    assert artifact["size"] == 3
    assert [line.split("  ")[1] for line in (folder / "SHA256SUMS").read_text().splitlines()] == ["Z", "b/ä.txt"]


def test_the_same_content_is_published_once_and_leaves_nothing_behind(root: Path) -> None:
    first = published()
    assert published() == first
    assert list((root / "tmp").iterdir()) == []


def test_a_damaged_copy_is_replaced_by_a_whole_one(root: Path) -> None:
    artifact = published()
    (store.verified(artifact, "adapter") / "Z").write_text("damage")
    assert published() == artifact
    store.verified(artifact, "adapter")


@pytest.mark.parametrize("harm", ["change", "add", "remove", "sums", "gone"])
def test_an_artifact_that_changed_is_refused(root: Path, harm: str) -> None:
    artifact = published()
    folder = store.verified(artifact, "dataset")
    if harm == "change":
        (folder / "b" / "ä.txt").write_text("o\n")
    elif harm == "add":
        (folder / "more").write_text("")
    elif harm == "remove":
        (folder / "Z").unlink()
    elif harm == "sums":
        (folder / "SHA256SUMS").write_text("")
    else:
        shutil.rmtree(folder)
    with pytest.raises(WorkerFailure, match=r'^dataset "pvc://') as failed:
        store.verified(artifact, "dataset")
    assert (failed.value.code, failed.value.reason) == (11, "ArtifactNotFound" if harm == "gone" else "DigestMismatch")


@pytest.mark.parametrize(
    "uri", ["s3://bucket/a", "pvc://doctune-artifacts/../etc", "pvc://doctune-artifacts/a//b", "/etc"]
)
def test_a_uri_outside_the_store_is_refused(uri: str) -> None:
    with pytest.raises(WorkerFailure) as failed:
        store.verified({"uri": uri, "digest": "sha256:" + "0" * 64}, "dataset")
    assert (failed.value.code, failed.value.reason) == (10, "UnknownStore")


def test_a_link_is_no_part_of_an_artifact() -> None:
    folder = store.staging()
    (folder / "passwd").symlink_to("/etc/passwd")
    with pytest.raises(WorkerFailure, match='"passwd" is no regular file') as failed:
        store.publish(folder, "reports")
    assert failed.value.code == 50
