"""Memory in use, on the accelerator where there is one, else of this process."""

import resource
from dataclasses import dataclass
from pathlib import Path

CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
# an unlimited cgroup of version 1 says a number near 2^63
UNLIMITED = 1 << 60


@dataclass(frozen=True)
class Memory:
    """`device` is "gpu" or "host"; figures in bytes; capacity None where there is no limit.

    `allocated` is what tensors of this process take of a GPU, `reserved` that with what torch keeps for the next ones.
    """

    device: str
    used: int
    peak: int
    capacity: int | None
    allocated: int | None = None
    reserved: int | None = None

    def as_metrics(self) -> dict[str, float]:
        return {f"{self.device}_memory_bytes": self.used, f"{self.device}_memory_peak_bytes": self.peak}


def read_memory() -> Memory:
    import torch

    if torch.cuda.is_available():
        free, total = torch.cuda.mem_get_info()
        now = (torch.cuda.memory_allocated(), torch.cuda.memory_reserved())
        return Memory("gpu", total - free, torch.cuda.max_memory_reserved(), total, *now)
    used = int(Path("/proc/self/statm").read_text("utf-8").split()[1]) * resource.getpagesize()
    # Linux counts the peak in KiB
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Memory("host", used, max(used, peak), _limit())


def _limit() -> int | None:
    for path in CGROUP_LIMITS:
        if path.is_file():
            text = path.read_text("utf-8").strip()
            if text.isdigit() and int(text) < UNLIMITED:
                return int(text)
    return None
