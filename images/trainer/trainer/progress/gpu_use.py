"""How busy the GPU is, asked of NVML by a thread of its own, and a warning when it idles."""

import time
from collections import deque
from dataclasses import dataclass
from typing import Any

from worker.nvml import Sampler, watched

# shorter lulls are evaluations and checkpoints
WINDOW_SECONDS = 300.0
LEAST_USE = 0.8
# of the time of a step, waiting for rows
SLOW_ROWS_SHARE = 0.1


@dataclass(frozen=True)
class Sample:
    """At `time` of a monotonic clock: share of the last moment in which a kernel ran, 0 to 1, and power in watts."""

    time: float
    use: float
    watts: float | None


class GpuUse(Sampler):
    """Samples of one device. `nvml` is the module `pynvml`, initialised; `handle` names the device to it."""

    def __init__(self, nvml: Any, handle: Any, clock=time.monotonic) -> None:
        super().__init__()
        self._nvml = nvml
        self._handle = handle
        self._clock = clock
        self._samples: deque[Sample] = deque()
        self._first: float | None = None

    def take(self) -> None:
        try:
            use = self._nvml.nvmlDeviceGetUtilizationRates(self._handle).gpu / 100
        except self._nvml.NVMLError:
            return
        now = self._clock()
        self._first = now if self._first is None else self._first
        self._samples.append(Sample(now, use, self._watts()))
        while self._samples[0].time < now - WINDOW_SECONDS:
            self._samples.popleft()

    def _watts(self) -> float | None:
        try:
            return self._nvml.nvmlDeviceGetPowerUsage(self._handle) / 1000
        except self._nvml.NVMLError:
            # some devices do not tell
            return None

    def metrics(self, seconds: float) -> dict[str, float]:
        """Means over the last `seconds`; empty before the first sample."""
        since = self._clock() - seconds
        recent = [sample for sample in tuple(self._samples) if sample.time >= since] or list(self._samples)[-1:]
        watts = [sample.watts for sample in recent if sample.watts is not None]
        return {
            **({"gpu_utilization": round(mean([sample.use for sample in recent]), 4)} if recent else {}),
            **({"gpu_power_watts": round(mean(watts), 1)} if watts else {}),
        }

    def low_use(self) -> float | None:
        """Mean use of the last five minutes if it is too low, None otherwise and in the first five minutes."""
        if self._first is None or self._clock() - self._first < WINDOW_SECONDS:
            return None
        use = mean([sample.use for sample in tuple(self._samples)]) if self._samples else 1.0
        return use if use < LEAST_USE else None


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def underuse_message(use: float, waiting_share: float, accumulation: int) -> str:
    """The warning with its probable cause.

    `waiting_share` of the time of a step, 0 to 1, no batch was there; `accumulation` batches make up a step.
    """
    if waiting_share > SLOW_ROWS_SHARE:
        cause = f"{waiting_share:.0%} of the time no batch is ready: give the pod more CPU in spec.resources.cpu"
    else:
        cause = "the batches are probably too small: raise spec.training.perDeviceBatchSize"
        if accumulation > 1:
            cause += ", and lower spec.training.gradientAccumulationSteps by as much"
    return f"the GPU was used {use:.0%} of the last five minutes; {cause}"


def watch_gpu() -> GpuUse | None:
    """Begin to sample the device that torch uses; None without a GPU or without NVML."""
    import torch

    if not torch.cuda.is_available():
        return None
    gpu = watched([torch.cuda.current_device()], lambda nvml, handles: GpuUse(nvml, handles[0]))
    if gpu is not None:
        gpu.start()
    return gpu
