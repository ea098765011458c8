"""Events for TensorBoard in the folder of the run: they hold times, which no artifact may."""

import shutil
from pathlib import Path
from typing import Any

FOLDER = "tensorboard"


class Events:
    """Writes each entry of the history once; a run that goes on writes over the steps that a killed attempt did."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER
        self._writer = None

    def begin(self, history: list[dict[str, Any]]) -> None:
        """Start anew with what is in the history already, so that there is one file with every step once."""
        from tensorboardX import SummaryWriter

        shutil.rmtree(self._folder, ignore_errors=True)
        self._writer = SummaryWriter(str(self._folder))
        for entry in history:
            self.write(entry["step"], entry)

    def write(self, step: int, metrics: dict[str, Any]) -> None:
        if self._writer is None:
            return
        for name, value in metrics.items():
            if name != "step" and isinstance(value, int | float):
                self._writer.add_scalar(tag(name), value, step)

    def flush(self) -> None:
        if self._writer is not None:
            self._writer.flush()

    def close(self) -> None:
        """Wait until all is written, which a flush does not: a process of several ends without looking back."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def tag(name: str) -> str:
    """TensorBoard groups charts by what comes before the first slash."""
    if "/" in name:
        return name
    if name.startswith("eval_") or name == "perplexity":
        return f"validation/{name.removeprefix('eval_')}"
    return f"machine/{name}" if name.startswith(("gpu_", "host_", "mfu", "padding", "tokens_per")) else f"train/{name}"
