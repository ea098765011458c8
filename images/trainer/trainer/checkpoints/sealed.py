"""Checkpoints of a run: whole or not there at all, and never used without a check.

runs/<run>/checkpoints/step-<n>/ holds what transformers writes, RUN with the name of its run, SHA256SUMS, and COMPLETE
with the digest of the latter. Checkpoints are told apart by their step alone, never by a time: clocks of nodes differ.
"""

import logging
import shutil
import time
from pathlib import Path

from worker.digests import CHECKSUM_FILE, checksums_digest, render_checksums
from worker.failure import WorkerFailure
from worker.flush import flush, flush_tree

log = logging.getLogger("checkpoints")

# below the folder of a run
CHECKPOINTS = "checkpoints"
COMPLETE = "COMPLETE"
RUN = "RUN"
PREFIX = "step-"
# clocks of nodes that are set by a server differ by less
LARGEST_SKEW_SECONDS = 300
# so little is left when a write has just failed for want of space
FULL_BELOW_BYTES = 16 << 20


def step_of(checkpoint: Path) -> int:
    return int(checkpoint.name.removeprefix(PREFIX))


def list_checkpoints(folder: Path) -> list[Path]:
    """Sealed checkpoints, the newest first; unchecked."""
    found = (path for path in folder.glob(f"{PREFIX}*") if path.name.removeprefix(PREFIX).isdigit())
    return sorted(found, key=step_of, reverse=True)


def newest_step(folder: Path) -> int:
    """The step of the newest checkpoint, unchecked; 0 when there is none."""
    return next(map(step_of, list_checkpoints(folder)), 0)


def newest_valid(folder: Path) -> Path | None:
    """The newest checkpoint whose files are all as they were written; damaged ones are passed over."""
    for checkpoint in list_checkpoints(folder):
        if is_valid(checkpoint):
            return checkpoint
        log.warning("checkpoint is damaged and passed over", extra={"step": step_of(checkpoint)})
    return None


def resume_point(folder: Path) -> Path | None:
    """The checkpoint from which a run goes on; None when it has not come to one yet.

    WorkerFailure `data` when there are some and none can be used: beginning anew would lose what they hold.
    """
    found = list_checkpoints(folder)
    for checkpoint in found:
        check_run(checkpoint, run_of(folder))
    newest = newest_valid(folder)
    if found and newest is None:
        raise WorkerFailure(
            "data",
            "CheckpointsDamaged",
            f'none of the {len(found)} checkpoints of the run is whole: bring "runs/{run_of(folder)}/{folder.name}" of '
            "the store back from a backup, or remove that folder to start from the beginning",
        )
    if newest:
        warn_of_skew(newest)
    return newest


def run_of(folder: Path) -> str:
    return folder.parent.name


def check_run(checkpoint: Path, run: str) -> None:
    """WorkerFailure `data` for a checkpoint that another run wrote; those of older versions do not tell."""
    file = checkpoint / RUN
    owner = file.read_text("utf-8").strip() if file.is_file() else run
    if owner != run:
        raise WorkerFailure(
            "data",
            "ForeignCheckpoint",
            f'checkpoint "{checkpoint.name}" of run "{run}" was written by run "{owner}": move it out of '
            f'"runs/{run}/{checkpoint.parent.name}" of the store',
        )


def warn_of_skew(checkpoint: Path) -> None:
    ahead = (checkpoint / COMPLETE).stat().st_mtime - time.time()
    if ahead > LARGEST_SKEW_SECONDS:
        log.warning(
            "the last checkpoint is from the future: set the clocks of the nodes by a time server; nothing is lost, "
            "since steps and not times decide",
            extra={"reason": "ClockSkew", "step": step_of(checkpoint), "seconds": round(ahead)},
        )


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
    (written / RUN).write_text(run_of(folder) + "\n", "utf-8")
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
    """WorkerFailure `disk` when a write failed because the store is full, which torch does not tell in its errors."""
    if shutil.disk_usage(folder).free < FULL_BELOW_BYTES:
        raise WorkerFailure(
            "disk", "StoreFull", "the store has no space left for a checkpoint: enlarge the claim or free space in it"
        ) from error


def _checksums(checkpoint: Path) -> str:
    lines = render_checksums(checkpoint).splitlines(keepends=True)
    return "".join(line for line in lines if not line.endswith(f"  {COMPLETE}\n"))
