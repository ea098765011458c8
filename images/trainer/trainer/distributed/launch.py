"""Starts the processes of this pod by torchrun, passes SIGTERM on to them, and makes one result of theirs.

torchrun itself would kill them 30 s after SIGTERM, which may be too soon for a checkpoint, and it ends with 1 whatever
they end with.
"""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from trainer.distributed.ending import Ending, choose
from trainer.distributed.place import Place
from worker.contract import read_input
from worker.failure import WorkerFailure
from worker.log import set_up_logs
from worker.result import failure, write_result
from worker.store import run_folder
from worker.termination import Termination
from worker.threads import cores

log = logging.getLogger("launch")

# of torchrun's processes: where each leaves its number and its result
FOLDER = "DOCTUNE_RANKS"
# so long the pods of a run wait for each other
PATIENCE_SECONDS = 600


def launch(place: Place) -> int:
    """Run the processes of this pod to their end; gives the exit code of the pod."""
    set_up_logs()
    termination = Termination().install()
    folder = Path(tempfile.mkdtemp(prefix="ranks-"))
    try:
        run_id = read_input("train-input")["run"]["id"]
        wait_for_main(place, termination)
        agent = start(place, run_id, folder)
        watch(agent, folder, termination)
        result = choose(endings(folder, place.processes), termination.is_requested, run_folder(run_id))
    except WorkerFailure as error:
        log.error(error.message, extra={"reason": error.reason, "exitCode": error.code})
        result = failure(error)
    write_result(result)
    return result["exitCode"]


def wait_for_main(place: Place, termination: Termination) -> None:
    """Until pod 0 answers. WorkerFailure `unavailable` when it does not."""
    end = time.monotonic() + PATIENCE_SECONDS
    while place.node > 0 and not termination.is_requested:
        try:
            socket.create_connection((place.main, place.port), timeout=2).close()
            return
        except OSError as error:
            if time.monotonic() > end:
                raise not_reached(place, str(error)) from error
            time.sleep(0.5)


def not_reached(place: Place, cause: str) -> WorkerFailure:
    return WorkerFailure(
        "unavailable",
        "PeersNotReached",
        f'the {place.nodes} pods of the run did not come together at "{place.main}:{place.port}" within '
        f"{PATIENCE_SECONDS // 60} minutes ({cause}): see whether all are scheduled, and whether a network policy "
        "keeps them apart",
    )


def command(place: Place, run_id: str) -> list[str]:
    """torchrun for this pod. No restarts: all pods of a run end together, and Kubernetes starts all of them again."""
    counts = [f"--nnodes={place.nodes}", f"--nproc-per-node={place.processes}", "--max-restarts=0"]
    limits = f"join_timeout={PATIENCE_SECONDS},read_timeout={PATIENCE_SECONDS}"
    meeting = [
        "--rdzv-backend=c10d",
        f"--rdzv-endpoint={place.main}:{place.port}",
        f"--rdzv-id={run_id}",
        f"--rdzv-conf=is_host={int(place.node == 0)},{limits}",
        # ranks go by these names, so process 0 is in pod 0
        f"--local-addr={place.own}",
    ]
    return [
        sys.executable,
        "-m",
        "trainer.distributed.agent",
        *counts,
        "--monitor-interval=0.5",
        *meeting,
        "-m",
        "trainer",
    ]


def start(place: Place, run_id: str, folder: Path) -> subprocess.Popen:
    return subprocess.Popen(command(place, run_id), env=variables(place, folder))


def variables(place: Place, folder: Path) -> dict[str, str]:
    return {
        "OMP_NUM_THREADS": str(max(1, (cores() - 1) // place.processes)),
        **os.environ,
        # not in every build of torch
        "USE_LIBUV": "0",
        # processes that start anew in the same pod must not read what those before them wrote
        "TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1",
        FOLDER: str(folder),
    }


def watch(agent: subprocess.Popen, folder: Path, termination: Termination) -> None:
    """Until torchrun ends. SIGTERM goes to each process once, to torchrun itself only while it has none."""
    told: set[str] = set()
    while agent.poll() is None:
        time.sleep(0.2)
        if not termination.is_requested:
            continue
        waiting = {path.read_text("utf-8") for path in folder.glob("*.pid")} - told
        for process in waiting:
            tell(int(process))
        told |= waiting
        if not told:
            agent.terminate()


def tell(process: int) -> None:
    try:
        os.kill(process, signal.SIGTERM)
    except ProcessLookupError:
        log.info("a process ended before it could be told to stop", extra={"process": process})


def enter(folder: Path, local_rank: str) -> None:
    """Called by a process that torchrun started: where to find it, and where it leaves its result."""
    result = folder / f"{local_rank}.json"
    # of an attempt in the same pod
    result.unlink(missing_ok=True)
    number = folder / f"{local_rank}.new"
    number.write_text(str(os.getpid()), "utf-8")
    number.rename(folder / f"{local_rank}.pid")
    os.environ["DOCTUNE_RESULT"] = str(result)


def endings(folder: Path, processes: int) -> list[Ending]:
    return [Ending((folder / f"{rank}.pid").is_file(), result_of(folder / f"{rank}.json")) for rank in range(processes)]


def result_of(file: Path) -> dict[str, Any] | None:
    try:
        return json.loads(file.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None
