"""On what, and by which program, a run was made."""

import hashlib
from pathlib import Path
from typing import Any

from worker.digests import file_sha256

PROGRAM = Path(__file__).resolve().parent.parent
PARTS = ("contract", "trainer", "worker")


def environment() -> dict[str, Any]:
    """Program, processor, GPUs, driver and CUDA; None or empty where there is none."""
    import torch

    is_gpu = torch.cuda.is_available()
    return {
        "program": program_digest(),
        "processor": processor(),
        "devices": [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())],
        "driver": driver() if is_gpu else None,
        "cuda": torch.version.cuda,
    }


def program_digest() -> str:
    """Names the code of the trainer exactly, in whichever image it is."""
    files = sorted(path for part in PARTS for path in (PROGRAM / part).rglob("*.*") if path.suffix in (".py", ".json"))
    lines = (f"{file_sha256(path)}  {path.relative_to(PROGRAM).as_posix()}\n" for path in files)
    return f"sha256:{hashlib.sha256(''.join(lines).encode()).hexdigest()}"


def processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> str | None:
    """The name of the first processor, None where the kernel does not tell."""
    try:
        lines = cpuinfo.read_text("utf-8").splitlines()
    except OSError:
        return None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), None)


def driver() -> str | None:
    """Version of the driver of the GPU."""
    import pynvml

    try:
        pynvml.nvmlInit()
        return pynvml.nvmlSystemGetDriverVersion()
    except pynvml.NVMLError:
        return None
