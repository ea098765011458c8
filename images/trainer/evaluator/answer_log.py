"""Answers of models and judges in append-only logs, so that nothing is asked twice: after a kill, and in a later run.

Each process appends to a file of its own (ADR 0010), a line an answer, flushed before it counts. A line's key is the
sha256 of everything that the answer depends on; the newest line of a key counts. A line that a kill has torn is no JSON
and is left out.
"""

import hashlib
import json
import math
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from worker.store import store_root


def digest_of(value: Any) -> str:
    """64 hex digits of a value of JSON, whatever the order of its names."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def kept_number(value: float) -> float | str:
    """A number as a log keeps it, which `float` reads back. JSON has none that is not finite: a model whose logits are
    broken finds nothing probable.
    """
    return value if math.isfinite(value) else "inf"


def shared_folder(kind: str, fingerprint: str) -> Path:
    """Where all evaluations of a namespace keep the answers of one model under one set of conditions."""
    return store_root() / "cache" / "evaluations" / kind / fingerprint


class AnswerLog:
    """The answers of one folder; what other processes write after it was opened is not seen."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._values: dict[str, dict[str, Any]] = {}
        # where the answers come from, and which of these files were of use
        self._files: dict[str, Path] = {}
        self._used: set[Path] = set()
        for path in sorted(folder.glob("*.jsonl"), key=lambda file: file.stat().st_mtime_ns):
            found = dict(read_lines(path))
            self._values |= found
            self._files |= dict.fromkeys(found, path)
        self._path = folder / f"{secrets.token_hex(8)}.jsonl"
        self._descriptor: int | None = None

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: str) -> dict[str, Any] | None:
        if key in self._files:
            self._used.add(self._files[key])
        return self._values.get(key)

    def values(self) -> list[dict[str, Any]]:
        return list(self._values.values())

    def add(self, values: Iterable[tuple[str, dict[str, Any]]]) -> None:
        """Keep answers by their keys; on disk when this returns."""
        added = list(values)
        if self._descriptor is None:
            # an empty folder may have been tidied away meanwhile
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        lines = (json.dumps({"key": key, **value}, ensure_ascii=False, allow_nan=False) + "\n" for key, value in added)
        remaining = memoryview("".join(lines).encode())
        while remaining:
            remaining = remaining[os.write(self._descriptor, remaining) :]
        os.fsync(self._descriptor)
        self._values |= dict(added)

    def close(self) -> None:
        """Tell which files were of use, so that these are not taken for forgotten ones."""
        for path in self._used:
            if path.exists():
                marker_of(path).touch()
        self._used.clear()
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def marker_of(path: Path) -> Path:
    """The file whose time tells when a log was last of use; that of the log itself tells which answer is the newest."""
    return path.with_suffix(".used")


def last_used(path: Path) -> float:
    """When a log was last written or of use, in seconds since 1970."""
    marker = marker_of(path)
    return max(file.stat().st_mtime for file in (path, marker) if file.exists())


def read_lines(path: Path) -> Iterable[tuple[str, dict[str, Any]]]:
    """Key and value of each whole line."""
    for line in path.read_text("utf-8", errors="replace").split("\n"):
        try:
            value = json.loads(line)
            yield value.pop("key"), value
        except (ValueError, KeyError, AttributeError):
            continue
