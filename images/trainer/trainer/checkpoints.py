"""Checkpoints of a run: whole or not there at all, and never used without a check.

runs/<run>/checkpoints/step-<n>/ holds what transformers writes, SHA256SUMS, and COMPLETE with the digest of the latter.
"""

import logging
import shutil
from pathlib import Path

from worker.digests import CHECKSUM_FILE, checksums_digest, render_checksums
from worker.failure import WorkerFailure
from worker.flush import flush, flush_tree

log = logging.getLogger("checkpoints")

# below the folder of a run
CHECKPOINTS = "checkpoints"
COMPLETE = "COMPLETE"
PREFIX = "step-"
# so little is left when a write has just failed for want of space
FULL_BELOW_BYTES = 16 << 20


def step_of(checkpoint: Path) -> int:
    return int(checkpoint.name.removeprefix(PREFIX))


def list_checkpoints(folder: Path) -> list[Path]:
    """Sealed checkpoints, the newest first; unchecked."""
    found = (path for path in folder.glob(f"{PREFIX}*") if path.name.removeprefix(PREFIX).isdigit())
    return sorted(found, key=step_of, reverse=True)


def newest_valid(folder: Path) -> Path | None:
    """The newest checkpoint whose files are all as they were written; damaged ones are passed over."""
    for checkpoint in list_checkpoints(folder):
        if is_valid(checkpoint):
            return checkpoint
        log.warning("checkpoint is damaged and passed over", extra={"step": step_of(checkpoint)})
    return None


def remove_from(folder: Path, step: int) -> None:
    """Remove the checkpoints of `step` and of all steps after it."""
    for checkpoint in list_checkpoints(folder):
        if step_of(checkpoint) >= step:
            shutil.rmtree(checkpoint)


def is_valid(checkpoint: Path) -> bool:
    try:
        listed = (checkpoint / CHECKSUM_FILE).read_text("utf-8")
        marked = (checkpoint / COMPLETE).read_text("utf-8").strip()
    except OSError:
        return False
    return marked == checksums_digest(listed) and _checksums(checkpoint) == listed


def seal(written: Path, folder: Path, step: int, keep: int) -> Path:
    """Make a written folder of the same file system the checkpoint of `step`, and remove all but the newest `keep`."""
    sums = render_checksums(written)
    (written / CHECKSUM_FILE).write_text(sums, "utf-8")
    flush_tree(written)
    (written / COMPLETE).write_text(checksums_digest(sums) + "\n", "utf-8")
    flush_tree(written)
    target = folder / f"{PREFIX}{step}"
    # there only when it is damaged, else the run would have gone on from it
    shutil.rmtree(target, ignore_errors=True)
    written.rename(target)
    flush(folder)
    for old in list_checkpoints(folder)[keep:]:
        shutil.rmtree(old)
    return target


def check_space(folder: Path, error: Exception) -> None:
    """WorkerFailure `export` when a write failed because the store is full, which torch does not tell in its errors."""
    if shutil.disk_usage(folder).free < FULL_BELOW_BYTES:
        raise WorkerFailure(
            "export", "StoreFull", "the store has no space left for a checkpoint: enlarge the claim or free space in it"
        ) from error


def _checksums(checkpoint: Path) -> str:
    lines = render_checksums(checkpoint).splitlines(keepends=True)
    return "".join(line for line in lines if not line.endswith(f"  {COMPLETE}\n"))
