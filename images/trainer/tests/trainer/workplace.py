"""Runs of the trainer, in this process or as a program of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.trainer.builders import write_dataset


@dataclass(frozen=True)
class Finished:
    """`result` is the termination message; only a successful one has an artifact."""

    code: int
    result: dict[str, Any]
    adapter: Path | None

    @property
    def digest(self) -> str:
        return self.result["artifact"]["digest"]

    def results(self) -> dict[str, Any]:
        return json.loads((self.adapter / "experiment_results.json").read_text("utf-8"))


class Workplace:
    """A folder with a store, in which the trainer runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "store"
        self.store.mkdir()

    def dataset(
        self,
        content: list[dict[str, Any]],
        text: list[dict[str, Any]] | None = None,
        manifest: dict[str, Any] | None = None,
    ) -> dict[str, str]:
        return write_dataset(self.store, content, text, manifest)

    def run(self, value: dict[str, Any]) -> Finished:
        """Run in this process, which saves the seconds that imports take."""
        from trainer.checkpoints.left import left_by
        from trainer.recipe import train
        from worker.shell import run

        with patch.dict(os.environ, self._environment(value)):
            return self._finished(run("train-input", train, left_by))

    def start(self, value: dict[str, Any], result: str = "result.json", **more: str) -> subprocess.Popen:
        """Start it as a program, to be killed; `more` are environment variables, such as those of a pod of several."""
        variables = {**os.environ, **self._environment(value), "DOCTUNE_RESULT": str(self.folder / result), **more}
        return subprocess.Popen([sys.executable, "-m", "trainer"], env=variables, stdout=subprocess.PIPE, text=True)

    def wait(self, process: subprocess.Popen, result: str = "result.json") -> Finished:
        process.communicate(timeout=180)
        return self._finished(process.returncode, result)

    def _environment(self, value: dict[str, Any]) -> dict[str, str]:
        (self.folder / "input.json").write_text(json.dumps(value), "utf-8")
        return {
            "DOCTUNE_INPUT": str(self.folder / "input.json"),
            "DOCTUNE_RESULT": str(self.folder / "result.json"),
            "DOCTUNE_STORE": str(self.store),
        }

    def _finished(self, code: int, file: str = "result.json") -> Finished:
        result = json.loads((self.folder / file).read_text("utf-8"))
        uri = result.get("artifact", {}).get("uri")
        return Finished(code, result, self.store / uri.removeprefix("pvc://doctune-artifacts/") if uri else None)
