"""A small OCI registry, for tests: blobs, uploads in pieces, manifests and tokens, as the distribution spec has them.

It shows the faults of real ones: `faults` maps "METHOD kind" (kind: upload, blob, manifest) to statuses that the next
requests are answered with; "drop" ends the connection in the middle, and forgets the upload; "silent" does so after a
while.
"""

import base64
import hashlib
import json
import re
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

ROUTES = {
    "upload": re.compile(r"^/v2/(?P<name>.+)/blobs/uploads/(?P<reference>[^/]*)$"),
    "blob": re.compile(r"^/v2/(?P<name>.+)/blobs/(?P<reference>sha256:[0-9a-f]{64})$"),
    "manifest": re.compile(r"^/v2/(?P<name>.+)/manifests/(?P<reference>[^/]+)$"),
}


class Registry(ThreadingHTTPServer):
    def __init__(self, user=None, password=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.login = user and base64.b64encode(f"{user}:{password}".encode()).decode()
        self.blobs, self.uploads, self.manifests, self.tokens = {}, {}, {}, set()
        self.faults, self.requests, self.largest_body = {}, [], 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def host(self):
        return f"127.0.0.1:{self.server_port}"

    def manifest(self, name, reference):
        return json.loads(self.manifests[name, reference])

    def stored(self, name, reference):
        """What lies under a tag, or has a digest."""
        if not reference.startswith("sha256:"):
            return self.manifests.get((name, reference))
        contents = [content for (place, _), content in self.manifests.items() if place == name]
        return next((one for one in contents if f"sha256:{hashlib.sha256(one).hexdigest()}" == reference), None)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def handle_one(self):
        server, address = self.server, urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        server.largest_body = max(server.largest_body, len(body))
        if address.path == "/token":
            return self.token()
        if server.login and self.headers.get("Authorization", "").removeprefix("Bearer ") not in server.tokens:
            return self.challenge()
        kind, match = next((kind, found) for kind, route in ROUTES.items() if (found := route.match(address.path)))
        server.requests.append(f"{self.command} {kind}")
        fault = next(iter(server.faults.get(f"{self.command} {kind}", [])), None)
        if fault is not None:
            server.faults[f"{self.command} {kind}"].pop(0)
            if fault in ("drop", "silent"):
                time.sleep(0.5 if fault == "silent" else 0)
                server.uploads.clear()
                self.close_connection = True
                return self.connection.close()
            if fault == 401:
                server.tokens.clear()
                return self.challenge()
            return self.answer(fault, b'{"errors":[{"message":"fault"}]}', Retry_After="0")
        digest = parse_qs(address.query).get("digest", [None])[0]
        return getattr(self, kind)(match["name"], match["reference"], body, digest)

    do_HEAD = do_GET = do_POST = do_PUT = do_PATCH = handle_one  # noqa: N815

    def challenge(self):
        realm = f'Bearer realm="http://{self.server.host}/token",service="registry",scope="repository:any:pull,push"'
        return self.answer(401, Www_Authenticate=realm)

    def token(self):
        given = self.headers.get("Authorization")
        if given is not None and given.removeprefix("Basic ") != self.server.login:
            return self.answer(401)
        token = secrets.token_hex(8)
        if given is not None:
            self.server.tokens.add(token)
        return self.answer(200, json.dumps({"token": token}).encode(), Content_Type="application/json")

    def blob(self, _name, digest, _body, _digest):
        found = self.server.blobs.get(digest)
        return self.answer(404) if found is None else self.answer(200, found)

    def upload(self, name, session, body, digest):
        uploads = self.server.uploads
        if self.command == "POST":
            session = secrets.token_hex(8)
            uploads[session] = b""
            return self.answer(202, Location=f"/v2/{name}/blobs/uploads/{session}")
        if session not in uploads:
            return self.answer(404, b'{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]}')
        start = int(self.headers.get("Content-Range", f"{len(uploads[session])}-").split("-")[0])
        if start != len(uploads[session]):
            return self.answer(416)
        uploads[session] += body
        if self.command == "PATCH":
            end = len(uploads[session]) - 1
            return self.answer(202, Location=f"/v2/{name}/blobs/uploads/{session}", Range=f"0-{end}")
        content = uploads.pop(session)
        if digest != f"sha256:{hashlib.sha256(content).hexdigest()}":
            return self.answer(400, b'{"errors":[{"code":"DIGEST_INVALID"}]}')
        self.server.blobs[digest] = content
        return self.answer(201)

    def manifest(self, name, reference, body, _digest):
        if self.command == "GET":
            found = self.server.stored(name, reference)
            if found is None:
                return self.answer(404, b'{"errors":[{"code":"MANIFEST_UNKNOWN"}]}')
            return self.answer(200, found, Content_Type=json.loads(found)["mediaType"])
        manifest = json.loads(body)
        wanted = [manifest["config"], *manifest["layers"]]
        if any(len(self.server.blobs.get(one["digest"], b"")) != one["size"] for one in wanted):
            return self.answer(400, b'{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN"}]}')
        self.server.manifests[name, reference] = body
        return self.answer(201, Docker_Content_Digest=f"sha256:{hashlib.sha256(body).hexdigest()}")
