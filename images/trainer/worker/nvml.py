"""GPUs as NVML tells of them: which device is meant, and samples of it while something else is at work."""

import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

log = logging.getLogger("worker")

Watch = TypeVar("Watch")


class Sampler:
    """Calls `take` of a subclass every so many seconds, on a thread of its own, from `start` until `stop`."""

    seconds = 1.0

    def __init__(self) -> None:
        self._is_over = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, name=type(self).__name__, daemon=True).start()

    def stop(self) -> None:
        self._is_over.set()

    def _run(self) -> None:
        while not self._is_over.wait(self.seconds):
            self.take()

    def take(self) -> None:
        """One sample; a device that does not answer gives none."""
        raise NotImplementedError


def watched(devices: Iterable[int], make: Callable[[Any, list[Any]], Watch]) -> Watch | None:
    """What `make` gives for the module `pynvml`, initialised, and its handles of devices as torch numbers them.

    None, and a warning, where NVML does not tell.
    """
    import pynvml
    import torch

    try:
        pynvml.nvmlInit()
        # by their ids: NVML counts devices in another order than CUDA
        ids = [f"GPU-{torch.cuda.get_device_properties(device).uuid}" for device in devices]
        return make(pynvml, [pynvml.nvmlDeviceGetHandleByUUID(each) for each in ids])
    except pynvml.NVMLError as error:
        log.warning("the GPU does not tell how it is used", extra={"error": str(error)})
        return None
