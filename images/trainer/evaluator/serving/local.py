"""Servers of our own: base and tuned model one after the other, each in a process that ends with its measurement."""

import shutil
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from evaluator.endpoint import Endpoint
from evaluator.serving.measure import measure_model
from evaluator.serving.memory import GpuMemory, peak_memory, watch_gpus
from evaluator.serving.models import BASE, TUNED, folder_bytes, write_models
from evaluator.serving.server import FIELD, Server, started
from evaluator.subject import Subject
from worker.failure import WorkerFailure
from worker.termination import Termination

# with many requests under way the last one waits for all others
SILENCE_SECONDS = 3600
NOT_SERVABLE = {
    "candidate": "serving",
    "reason": "NotServable",
    "message": "the method of the training adds no weights that could be merged into the base model, so transformers "
    "serve cannot load it: serve it by a server that knows the method and name that in serving.openai",
}


def measure_local(
    value: dict[str, Any],
    prompts: list[str],
    subject: Subject,
    base_model: dict[str, Any],
    artifact: Path,
    termination: Termination,
) -> list[dict[str, Any]]:
    """A row for each model and concurrency. The subject is used up: its memory is the server's.

    WorkerFailure where a server does not come up or answers nothing, `Interrupted` at SIGTERM; the server ends in
    either case.
    """
    device = "cpu" if subject.model.device.type == "cpu" else "auto"
    rows = []
    with TemporaryDirectory(prefix="serving-") as name:
        folder = Path(name)
        with termination.interruptible():
            write_models(subject, base_model, artifact, folder)
        for model in (TUNED, BASE):
            with (
                watch_gpus() or nullcontext() as gpus,
                started(folder / model, device) as server,
                # only now: a process that is being started must not be lost sight of
                termination.interruptible(),
            ):
                server.wait(value["local"]["startTimeoutSeconds"])
                rows += _measure(value, prompts, server, _look(server, folder / model, gpus))
            shutil.rmtree(folder / model)
    return rows


def _measure(
    value: dict[str, Any], prompts: list[str], server: Server, look: Callable[[], dict[str, Any]]
) -> list[dict[str, Any]]:
    settings = {
        "baseURL": f"{server.url}/v1",
        "model": server.model,
        "maxTokens": value["local"]["maxTokens"],
        "timeoutSeconds": SILENCE_SECONDS,
    }
    try:
        return measure_model(server.model, Endpoint(settings, FIELD), value, prompts, look)
    except WorkerFailure as failure:
        raise server.failure(f"did not answer ({failure.message.removeprefix(FIELD + ': ')})") from failure


def _look(server: Server, folder: Path, gpus: GpuMemory | None) -> Callable[[], dict[str, Any]]:
    def look() -> dict[str, Any]:
        peak = peak_memory(server.process.pid)
        return {
            "modelBytes": folder_bytes(folder),
            **({} if peak is None else {"peakMemoryBytes": peak}),
            **({} if gpus is None else {"peakGpuMemoryBytes": gpus.peak}),
        }

    return look
