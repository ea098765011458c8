"""Which number format the forward pass uses."""

from pathlib import Path

# instructions that multiply bf16 matrices: without them bf16 is emulated and slower than fp32
FAST_BF16_FLAGS = frozenset({"avx512_bf16", "amx_bf16", "bf16"})


def resolve_precision(requested: str) -> str:
    """`auto` is bf16 where the device multiplies it in hardware, else fp16 on a GPU, else fp32."""
    if requested != "auto":
        return requested
    import torch

    if torch.cuda.is_available():
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"
    return "bf16" if FAST_BF16_FLAGS & processor_flags() else "fp32"


def processor_flags(cpuinfo: Path = Path("/proc/cpuinfo")) -> set[str]:
    """Instruction sets of the first processor; empty where the kernel does not tell."""
    try:
        lines = cpuinfo.read_text("utf-8").splitlines()
    except OSError:
        return set()
    # "flags" on x86, "Features" on arm
    first = next((line for line in lines if line.startswith(("flags", "Features"))), ":")
    return set(first.partition(":")[2].split())
