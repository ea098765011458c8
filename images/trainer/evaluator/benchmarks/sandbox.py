"""Whether code that a model wrote passes its tests, found out in a process that can do no harm."""

import json
import secrets
import subprocess
import sys
from enum import StrEnum
from pathlib import Path

from worker.failure import WorkerFailure

CONFINED = Path(__file__).with_name("confined.py")
SECONDS = 10
MEMORY_BYTES = 512 << 20
UNCONFINED = 99


class Outcome(StrEnum):
    """How far code came: each one includes those before it."""

    UNPARSED = "unparsed"
    FAILED = "failed"
    PASSED = "passed"


def run_code(code: str, seconds: int = SECONDS, memory: int = MEMORY_BYTES) -> Outcome:
    """Run code to its end. WorkerFailure `config` where this machine cannot confine a process."""
    try:
        compile(code, "answer", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Outcome.UNPARSED
    token = secrets.token_hex(16)
    given = json.dumps({"code": code, "token": token, "seconds": seconds, "memory": memory})
    try:
        done = subprocess.run(
            # -I: neither variables nor folders of this process; -S: no packages
            [sys.executable, "-I", "-S", str(CONFINED)],
            input=given.encode(),
            capture_output=True,
            env={},
            cwd="/",
            timeout=seconds + 5,
            start_new_session=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Outcome.FAILED
    if done.returncode == UNCONFINED:
        raise WorkerFailure(
            "config",
            "SandboxUnavailable",
            "benchmarks: this node confines no process (seccomp is missing), so code of a model is not run: leave the "
            "programming tasks out",
        )
    return Outcome.PASSED if done.stdout.decode(errors="replace") == token else Outcome.FAILED
