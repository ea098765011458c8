"""Reports of progress by the protocol of Kubeflow's KEP-2779: best effort, never in the way of the work."""

import json
import logging
import os
import ssl
import threading
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

log = logging.getLogger("progress")

TIMEOUT_SECONDS = 5


def report(percent: float, metrics: dict[str, float], remaining_seconds: float | None = None) -> dict[str, Any]:
    """The body of one report; `percent` from 0 to 100, values as strings as the protocol writes them."""
    status: dict[str, Any] = {
        "progressPercentage": min(100, max(0, int(percent))),
        "metrics": [{"name": name, "value": format(value, ".10g")} for name, value in metrics.items()],
        "lastUpdatedTime": datetime.now(UTC).isoformat(timespec="milliseconds"),
    }
    if remaining_seconds is not None:
        status["estimatedRemainingSeconds"] = max(0, round(remaining_seconds))
    return {"trainerStatus": status}


class Reporter:
    """Posts reports from a thread of its own; while one is under way only the newest waits."""

    def __init__(self, url: str | None, ca_file: str | None = None, token_file: str | None = None) -> None:
        self._url = url
        self._ca_file = ca_file
        self._token_file = token_file
        self._waiting: dict[str, Any] | None = None
        self._is_closed = False
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

    def post(self, percent: float, metrics: dict[str, float], remaining_seconds: float | None = None) -> None:
        with self._changed:
            self._waiting = report(percent, metrics, remaining_seconds)
            self._changed.notify()

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
                self._changed.wait_for(lambda: self._waiting is not None or self._is_closed)
                body, self._waiting = self._waiting, None
            if body is None:
                return
            try:
                self._send(body)
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
