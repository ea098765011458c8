"""The artifact store: immutable directories named by the digest of their checksums (ADR 0001)."""

import errno
import os
import secrets
import shutil
from pathlib import Path
from typing import TypedDict

from worker.digests import CHECKSUM_FILE, checksums_digest, render_checksums
from worker.failure import WorkerFailure
from worker.flush import flush, flush_tree

CLAIM = "doctune-artifacts"
SCHEME = f"pvc://{CLAIM}/"


class Artifact(TypedDict):
    """`size` is the sum of the files in bytes, without the checksums."""

    uri: str
    digest: str
    size: int


def store_root() -> Path:
    return Path(os.environ.get("DOCTUNE_STORE", "/store"))


def run_folder(run_id: str) -> Path:
    """Folder of one run: what it needs to go on after a restart. It is no artifact."""
    folder = store_root() / "runs" / run_id
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def staging() -> Path:
    """A new empty folder on the store's own file system, so that publishing is a rename."""
    folder = store_root() / "tmp" / secrets.token_hex(8)
    folder.mkdir(parents=True)
    return folder


def checksums(folder: Path) -> str:
    """The content that SHA256SUMS must have; WorkerFailure `export` for what is no regular file with a plain name."""
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        # coreutils escapes such names, and a link could lead out of the artifact
        is_plain = "\n" not in name and "\\" not in name and not path.is_symlink()
        if not is_plain or not (path.is_file() or path.is_dir()):
            raise WorkerFailure("export", "UnfitFile", f'"{name}" is no regular file with a plain name')
    return render_checksums(folder)


def artifact_folder(artifact: dict[str, str], field: str) -> Path:
    """The folder of an artifact `{uri, digest}` that was verified before; `field` names it in failures."""
    return _folder(artifact["uri"], field)


def verified(artifact: dict[str, str], field: str) -> Path:
    """The folder of an artifact `{uri, digest}`, all files checked; `field` names it in failures (exit `data`)."""
    folder = _folder(artifact["uri"], field)
    sums = folder / CHECKSUM_FILE
    if not sums.is_file():
        raise WorkerFailure("data", "ArtifactNotFound", f'{field} "{artifact["uri"]}" is not in the store')
    listed = sums.read_text("utf-8")
    if checksums_digest(listed) != artifact["digest"]:
        raise WorkerFailure(
            "data", "DigestMismatch", f'{field} "{artifact["uri"]}" has not the digest {artifact["digest"]}'
        )
    if checksums(folder) != listed:
        raise WorkerFailure("data", "DigestMismatch", f'{field} "{artifact["uri"]}" has changed since it was published')
    return folder


def publish(folder: Path, kind: str) -> Artifact:
    """Move `folder` (made by `staging`) into the store as an artifact of `kind`; the same content twice is a no-op."""
    sums = checksums(folder)
    digest = checksums_digest(sums)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    (folder / CHECKSUM_FILE).write_text(sums, "utf-8")
    flush_tree(folder)
    name = f"artifacts/{kind}/{digest.removeprefix('sha256:')}"
    target = store_root() / name
    target.parent.mkdir(parents=True, exist_ok=True)
    _move(folder, target, sums)
    flush(target.parent)
    return {"uri": SCHEME + name, "digest": digest, "size": size}


def _move(folder: Path, target: Path, sums: str) -> None:
    try:
        os.rename(folder, target)
    except OSError as error:
        if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
            raise
        if checksums(target) == sums:
            shutil.rmtree(folder)
            return
        # a damaged copy must not stand in the way of a whole one
        damaged = folder.with_name(f"damaged-{folder.name}")
        os.rename(target, damaged)
        os.rename(folder, target)
        shutil.rmtree(damaged)


def _folder(uri: str, field: str) -> Path:
    parts = uri.removeprefix(SCHEME).split("/")
    if not uri.startswith(SCHEME) or not all(parts) or {".", ".."} & set(parts):
        raise WorkerFailure("config", "UnknownStore", f'{field} "{uri}" does not lie in the store "{SCHEME}"')
    return store_root().joinpath(*parts)
