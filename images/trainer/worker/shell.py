"""The way a worker starts and ends: input, logs, SIGTERM, result file and exit code in one place."""

import errno
import logging
import os
from collections.abc import Callable
from typing import Any

from worker.contract import read_input
from worker.failure import WorkerFailure
from worker.log import set_up_logs
from worker.progress import Reporter
from worker.result import failure, write_result
from worker.termination import Termination

log = logging.getLogger("worker")

SAVED, UNSAVED = ("preemptedSaved", "PreemptedSaved"), ("preemptedUnsaved", "PreemptedUnsaved")

NO_GPU_MEMORY = (
    "the accelerator has not enough memory: choose one with more (resources.gpuMemory) or a smaller baseModel, or "
    "lower the batches and lengths of the spec"
)
NO_MEMORY = "the memory limit is too small: raise resources.memory"

Work = Callable[[dict[str, Any], Reporter, Termination], dict[str, Any]]


def run(schema: str, work: Work, left_by: Callable[[dict[str, Any]], dict[str, Any]] = lambda _: {}) -> int:
    """Run `work(input, reporter, termination) -> result` and give its exit code.

    `left_by(input)` is what a failure leaves all the same, for its result.

    The result file is written last, also on failure; an unexpected error becomes `InternalError`, its stack is logged.
    """
    set_up_logs()
    termination = Termination(end_overtime).install()
    reporter = Reporter.from_environment()
    value = None
    try:
        value = read_input(schema)
        result = work(value, reporter, termination)
        log.info(result["message"], extra={"reason": result["reason"]})
    except Exception as error:
        known = sorted_failure(error)
        unexpected = error if known.reason == "InternalError" else None
        log.error(known.message, exc_info=unexpected, extra={"reason": known.reason, "exitCode": known.code})
        result = failure(known, left_by(value) if value else None)
    reporter.close()
    write_result(result)
    return result["exitCode"]


def end_overtime(is_saved: bool) -> None:
    """End the process from another thread: what it is doing takes longer than SIGKILL would wait."""
    saved = "the last checkpoint is whole" if is_saved else "nothing was saved"
    message = f"did not stop in time after SIGTERM, {saved}: start again"
    known = WorkerFailure(*(SAVED if is_saved else UNSAVED), message)
    log.error(known.message, extra={"reason": known.reason, "exitCode": known.code})
    write_result(failure(known))
    os._exit(known.code)


def sorted_failure(error: Exception) -> WorkerFailure:
    """Any exception as a failure that the operator knows."""
    if isinstance(error, WorkerFailure):
        return error
    text = f"{type(error).__name__}: {error}".split("\n")[0][:400]
    # by name: this module must not import torch, which takes seconds, before the input is read
    if type(error).__name__ == "OutOfMemoryError":
        return WorkerFailure("gpuOutOfMemory", "GpuOutOfMemory", f"{NO_GPU_MEMORY}: {text}")
    if isinstance(error, MemoryError) or "DefaultCPUAllocator" in text:
        return WorkerFailure("hostOutOfMemory", "HostOutOfMemory", f"{NO_MEMORY}: {text}")
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return WorkerFailure(
            "disk",
            "StoreFull",
            f"the store has no space left: enlarge the claim or free space in it, then ask again: {text}",
        )
    return WorkerFailure("internal", "InternalError", text)
