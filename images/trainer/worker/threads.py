"""How many threads compute on a CPU. Must be said before torch or numpy is imported: both make their pools then."""

import os
from pathlib import Path

VARIABLE = "OMP_NUM_THREADS"
CGROUP = Path("/sys/fs/cgroup")


def limit_threads() -> None:
    """Leave one core to the rest of the node, unless the environment says how many threads there are to be.

    The threads of a matrix product wait for the slowest of them, so one that has to share its core slows all: with two
    threads on two cores beside other work an evaluation took more than four times as long as with one. On two idle
    cores a training step of a small model was no faster with both (1.5 s) than with one (1.3 s).
    """
    os.environ.setdefault(VARIABLE, str(max(1, cores() - 1)))


def cores(cgroup: Path = CGROUP) -> int:
    """Cores that this process may use: of the node, or of the limit of its container, rounded down."""
    available = len(os.sched_getaffinity(0))
    quota = _quota(cgroup)
    return available if quota is None else max(1, min(available, int(quota)))


def _quota(cgroup: Path) -> float | None:
    """The container's limit in cores, by the files of cgroup v2 or v1; None without one."""
    for names in (("cpu.max",), ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us")):
        files = [cgroup / name for name in names]
        if all(file.is_file() for file in files):
            quota, period = " ".join(file.read_text("utf-8").strip() for file in files).split()
            return None if quota in ("max", "-1") else int(quota) / int(period)
    return None
