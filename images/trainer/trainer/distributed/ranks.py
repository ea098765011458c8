"""The processes of a run, and the few things that all of them must agree on.

A run of one process has the same calls; they cost nothing there and import no torch.
"""

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from worker.failure import WorkerFailure

# a step, an evaluation or a checkpoint that takes longer is taken for a hang
TIMEOUT = timedelta(minutes=30)
RESULT, HEARD = "doctune-result", "doctune-heard"
FAREWELL_SECONDS = 20
# how torch tells that the other end of a connection is gone
LOST = ("gloo", "NCCL", "Connection closed by peer", "Connection reset by peer", "Broken pipe", "recvValue failed")
LOST_TYPES = ("DistBackendError", "DistNetworkError", "DistStoreError")


@dataclass(frozen=True)
class Ranks:
    """Process `rank` of `world_size`. All methods but `hear` must be called by all processes alike."""

    rank: int = 0
    world_size: int = 1
    store: Any = None

    @property
    def is_main(self) -> bool:
        """Whether this process reports, saves and publishes."""
        return self.rank == 0

    @property
    def is_alone(self) -> bool:
        return self.world_size == 1

    def any(self, flag: bool) -> bool:
        """Whether it is true for one process at least."""
        return self.sum([float(flag)])[0] > 0

    def sum(self, values: Sequence[float]) -> list[float]:
        """The sums of each value over all processes, the same bits everywhere."""
        if self.is_alone:
            return list(values)
        import torch
        from torch import distributed

        total = torch.tensor(values, dtype=torch.float64)
        distributed.all_reduce(total)
        return total.tolist()

    def wait(self) -> None:
        """Until all are here."""
        self.sum([0.0])

    def of_main(self, value: Any) -> Any:
        """What the main process has, for all; others may give None."""
        return self.of(0, value)

    def of(self, rank: int, value: Any) -> Any:
        """What one process has, for all; others may give None."""
        if self.is_alone:
            return value
        import torch
        from torch import distributed

        values = [value]
        distributed.broadcast_object_list(values, src=rank, device=torch.device("cpu"))
        return values[0]

    def longest(self, value: Sequence[Any]) -> Any:
        """The longest of what all processes have, for all."""
        lengths = self.sum([float(len(value)) if rank == self.rank else 0.0 for rank in range(self.world_size)])
        return self.of(lengths.index(max(lengths)), value)

    def tell(self, result: dict[str, Any]) -> None:
        """Of the main process: give the others the result, so that every pod ends with the same one; wait for them."""
        if self.is_alone or not self.is_main:
            return
        self.store.set(RESULT, json.dumps(result))
        end = time.monotonic() + FAREWELL_SECONDS
        # the store ends with this process
        while self.store.add(HEARD, 0) < self.world_size - 1 and time.monotonic() < end:
            time.sleep(0.1)

    def hear(self) -> dict[str, Any]:
        """The result that the main process tells, however long that takes."""
        while not self.store.check([RESULT]):
            time.sleep(0.5)
        result = json.loads(self.store.get(RESULT))
        self.store.add(HEARD, 1)
        return result


def join() -> Ranks:
    """This process among those that torchrun started, once all are there; a run of one has nobody to wait for."""
    world_size = int(os.environ.get("WORLD_SIZE", "1"))
    if world_size == 1:
        return Ranks()
    import torch
    from torch import distributed

    if torch.cuda.is_available():
        check_devices(int(os.environ["LOCAL_RANK"]), torch.cuda.device_count())
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    store, rank, _ = next(distributed.rendezvous("env://"))
    distributed.init_process_group(
        # what is agreed on lies in host memory, gradients lie on the accelerator
        backend="cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo",
        store=distributed.PrefixStore("group", store),
        rank=rank,
        world_size=world_size,
        timeout=TIMEOUT,
    )
    return Ranks(rank, world_size, store)


def check_devices(local_rank: int, devices: int) -> None:
    if local_rank >= devices:
        raise WorkerFailure(
            "config",
            "TooFewGpus",
            f"process {local_rank + 1} of the pod has no GPU of its own, the pod has {devices}: lower resources.gpus",
        )


@contextmanager
def peers(ranks: Ranks) -> Iterator[None]:
    """WorkerFailure `peerLost` for what torch raises when another process of the run has ended."""
    try:
        yield
    except Exception as error:
        if not ranks.is_alone and is_lost_peer(error):
            text = str(error).split("\n")[0][:200]
            raise WorkerFailure(
                "peerLost",
                "PeerLost",
                f"another process of the run ended, so this one ended too; all go on from the last checkpoint: {text}",
            ) from error
        raise


@contextmanager
def sums_need_memory() -> Iterator[None]:
    """torch.OutOfMemoryError for that of NCCL, which takes its buffers from the accelerator and says so in its own way."""
    try:
        yield
    except RuntimeError as error:
        if type(error).__name__ != "DistBackendError" or "out of memory" not in str(error).lower():
            raise
        import torch

        raise torch.OutOfMemoryError(f"NCCL found no memory for its buffers: {str(error).splitlines()[-1]}") from error


def is_lost_peer(error: Exception) -> bool:
    if isinstance(error, WorkerFailure) or not isinstance(error, RuntimeError):
        return False
    return type(error).__name__ in LOST_TYPES or any(sign in str(error) for sign in LOST)
