"""A small model hub on this machine, whose repositories fail in the ways that hubs do."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlsplit

Response = tuple[int, dict[str, str], bytes]
COMMIT = "0123456789abcdef0123456789abcdef01234567"


class ModelHub:
    """`files` are the files of `owner/<name>`; a `<name>` that is a number answers with that status."""

    def __init__(self, files: dict[str, dict[str, Path]], failing: dict[str, int] | None = None) -> None:
        self.files = files
        # path of a file -> the status it is answered with
        self.failing = failing or {}
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                hub.answer(self, with_body=False)

            def do_GET(self) -> None:
                hub.answer(self, with_body=True)

            def log_message(self, *_) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> "ModelHub":
        Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, request: BaseHTTPRequestHandler, *, with_body: bool) -> None:
        status, headers, body = self.response(unquote(urlsplit(request.path).path))
        request.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(body))}.items():
            request.send_header(key, value)
        request.end_headers()
        if with_body:
            request.wfile.write(body)

    def response(self, path: str) -> Response:
        _, name, *rest = path.removeprefix("/api/models").strip("/").split("/")
        if name.isdigit():
            return refusal(int(name))
        if name == "gated":
            return refusal(403, "GatedRepo")
        if name not in self.files:
            return refusal(404, "RepoNotFound")
        what, revision, *file = rest
        if revision not in ("main", COMMIT):
            return refusal(404, "RevisionNotFound")
        return self.listing(name, what) if what in ("revision", "tree") else self.file(name, "/".join(file))

    def listing(self, name: str, what: str) -> Response:
        about = {"id": f"owner/{name}", "sha": COMMIT, "siblings": []}
        tree = [
            {"type": "file", "path": file, "size": path.stat().st_size, "oid": file.encode().hex()}
            for file, path in self.files[name].items()
        ]
        body = json.dumps(about if what == "revision" else tree).encode()
        return 200, {"Content-Type": "application/json"}, body

    def file(self, name: str, file: str) -> Response:
        if file in self.failing:
            return refusal(self.failing[file])
        if file not in self.files[name]:
            return refusal(404, "EntryNotFound")
        headers = {"ETag": f'"{file.encode().hex()}"', "X-Repo-Commit": COMMIT}
        return 200, headers, self.files[name][file].read_bytes()


def refusal(status: int, code: str | None = None) -> Response:
    return status, {} if code is None else {"X-Error-Code": code}, b""
