"""The CNCF's registry ("distribution"), for tests: a real one, with a password, on loopback."""

import json
import os
import socket
import subprocess
import time
from base64 import b64encode
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

PROGRAM = Path("/opt/registry")
START_SECONDS = 30
# of "secret", by bcrypt
LOGIN = "pusher:$2b$04$LAtPZdbEVbgwQbFOXba7Ne/04P7QBdyNK/L/jRExVYV.Iv9TCpGwK"
AUTHORIZATION = f"Basic {b64encode(b'pusher:secret').decode()}"


class Distribution:
    """Runs until `close`; `host` is where it listens."""

    def __init__(self, folder: Path) -> None:
        assert PROGRAM.is_file(), f"{PROGRAM} is missing: these tests are run by `npm run test:trainer`"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.host = f"127.0.0.1:{free.getsockname()[1]}"
        (folder / "logins").write_text(LOGIN)
        # JSON is YAML
        (folder / "config.yml").write_text(json.dumps(configuration(folder, self.host)))
        self.log = (folder / "log").open("wb")
        command = [PROGRAM, "serve", folder / "config.yml"]
        quiet = {**os.environ, "OTEL_TRACES_EXPORTER": "none"}
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, env=quiet)
        self._wait(folder / "log")

    def get(self, path: str, accept: str = "*/*") -> tuple[int, bytes]:
        """Status and body of `/v2/<path>`, asked for with the password."""
        connection = HTTPConnection(self.host, timeout=10)
        try:
            connection.request("GET", f"/v2/{path}", headers={"Accept": accept, "Authorization": AUTHORIZATION})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        self.log.close()

    def _wait(self, log: Path) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.get("")
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError(f"the registry does not start: {log.read_text()}") from None
                time.sleep(0.05)


def configuration(folder: Path, host: str) -> dict[str, Any]:
    return {
        "version": 0.1,
        "log": {"level": "warn"},
        "storage": {"filesystem": {"rootdirectory": str(folder / "blobs")}},
        "http": {"addr": host},
        "auth": {"htpasswd": {"realm": "doctune", "path": str(folder / "logins")}},
    }
