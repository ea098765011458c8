"""The most memory that a server has held: of its processes as Linux counts it, of GPUs as NVML does."""

import re
from pathlib import Path
from typing import Any

import psutil

from worker.nvml import Sampler, watched


def peak_memory(pid: int) -> int | None:
    """Sum of the resident peaks of a process and of those that it has started; None where it is gone."""
    try:
        family = [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    except psutil.NoSuchProcess:
        return None
    peaks = [peak for each in family if (peak := _peak(each)) is not None]
    return sum(peaks) if peaks else None


def _peak(pid: int) -> int | None:
    try:
        text = Path(f"/proc/{pid}/status").read_text("utf-8")
    except OSError:
        return None
    found = re.search(r"^VmHWM:\s*(\d+) kB$", text, re.MULTILINE)
    return int(found[1]) * 1024 if found else None


class GpuMemory(Sampler):
    """What is held of devices beyond what was held when this was made; nobody else must use them meanwhile.

    NVML tells the memory of single processes by numbers that mean nothing inside a container. `nvml` is the module
    `pynvml`, initialised; `handles` name the devices to it.
    """

    seconds = 0.1

    def __init__(self, nvml: Any, handles: list[Any]) -> None:
        super().__init__()
        self._nvml, self._handles = nvml, handles
        self._before = self._used()
        self.peak = 0

    def __enter__(self) -> "GpuMemory":
        self.start()
        return self

    def __exit__(self, *_error: Any) -> None:
        self.stop()

    def take(self) -> None:
        try:
            self.peak = max(self.peak, self._used() - self._before)
        except self._nvml.NVMLError:
            return

    def _used(self) -> int:
        return sum(self._nvml.nvmlDeviceGetMemoryInfo(handle).used for handle in self._handles)


def watch_gpus() -> GpuMemory | None:
    """All devices that torch sees; None without one, or where NVML does not tell."""
    import torch

    return watched(range(torch.cuda.device_count()), GpuMemory) if torch.cuda.is_available() else None
