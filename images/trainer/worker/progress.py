"""Reports of progress by the protocol of Kubeflow's KEP-2779: best effort, never in the way of the work."""

import json
import logging
import os
import ssl
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

log = logging.getLogger("progress")

TIMEOUT_SECONDS = 5
# so long at most between two reports of work that goes on, however long a part of it takes
QUIET_SECONDS = 60.0


def report(percent: float | None, metrics: dict[str, float], remaining_seconds: float | None = None) -> dict[str, Any]:
    """The body of one report, values as strings as the protocol has them; `percent` from 0 to 100, None: as it was."""
    status: dict[str, Any] = {
        "metrics": [{"name": name, "value": format(value, ".10g")} for name, value in metrics.items()],
        "lastUpdatedTime": datetime.now(UTC).isoformat(timespec="milliseconds"),
    }
    if percent is not None:
        status["progressPercentage"] = min(100, max(0, int(percent)))
    if remaining_seconds is not None:
        status["estimatedRemainingSeconds"] = max(0, round(remaining_seconds))
    return {"trainerStatus": status}


class Reporter:
    """Posts reports from a thread of its own; while one is under way only the newest waits."""

    def __init__(self, url: str | None, ca_file: str | None = None, token_file: str | None = None) -> None:
        self._url = url
        self._ca_file = ca_file
        self._token_file = token_file
        self._newest: tuple[float | None, dict[str, float], float | None] | None = None
        self._is_new = self._is_repeating = self._is_closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="progress", daemon=True)
        if url:
            self._thread.start()

    @staticmethod
    def from_environment() -> "Reporter":
        """A reporter that does nothing when no server is named."""
        return Reporter(
            os.environ.get("KUBEFLOW_TRAINER_SERVER_URL"),
            os.environ.get("KUBEFLOW_TRAINER_SERVER_CA_CERT"),
            os.environ.get("KUBEFLOW_TRAINER_SERVER_TOKEN"),
        )

    def post(self, percent: float | None, metrics: dict[str, float], remaining_seconds: float | None = None) -> None:
        with self._changed:
            self._newest, self._is_new = (percent, metrics, remaining_seconds), True
            self._changed.notify()

    @contextmanager
    def repeating(self, is_repeating: bool = True) -> Iterator[None]:
        """Send the newest report again after each `QUIET_SECONDS` of silence, for work without steps to tell of.

        `repeating(False)` inside of it takes that back: what tells of its steps itself must fall silent when it hangs.
        """
        before, self._is_repeating = self._is_repeating, is_repeating
        try:
            yield
        finally:
            self._is_repeating = before

    def close(self) -> None:
        """Send what waits, for no longer than one time-out."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        if self._url:
            self._thread.join(2 * TIMEOUT_SECONDS)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._is_new or self._is_closed, QUIET_SECONDS)
                if self._is_closed and not self._is_new:
                    return
                told = self._newest if self._is_new or self._is_repeating else None
                self._is_new = False
            if told is None:
                continue
            try:
                self._send(report(*told))
            except (OSError, ValueError) as error:
                log.debug("progress report failed", extra={"error": str(error)})

    def _send(self, body: dict[str, Any]) -> None:
        headers = {"Content-Type": "application/json"}
        if self._token_file:
            # the kubelet replaces the token while we run
            headers["Authorization"] = f"Bearer {Path(self._token_file).read_text('utf-8').strip()}"
        context = ssl.create_default_context(cafile=self._ca_file) if self._ca_file else None
        request = urllib.request.Request(self._url or "", json.dumps(body).encode(), headers, method="POST")
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS, context=context) as response:
            response.read()
