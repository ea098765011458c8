"""Pushes a published artifact to an OCI registry, by the client of the ORAS project.

Each form is an artifact of its own: the adapter or model under the tag, exports under the tag with their names, so that
nobody has to pull 16 bits of a whole model for its adapter. Each file is a blob of its own, which is not sent to a
registry that has it already.
"""

import hashlib
import json
import logging
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from worker.digests import CHECKSUM_FILE, file_sha256
from worker.failure import WorkerFailure
from worker.registry import MANIFEST_TYPE, Access, check, connect, put_manifest, unavailable

if TYPE_CHECKING:
    from oras.container import Container
    from oras.provider import Registry

log = logging.getLogger("trainer")

EMPTY_TYPE, EMPTY = "application/vnd.oci.empty.v1+json", b"{}"
# files that go with each form, and the exports that are pushed
PAPERS = ("README.md", "manifest.json", "experiment_results.json")
PUSHED_EXPORTS = ("merged", "gguf")
# larger files are sent in pieces, and never lie in memory whole
CHUNK_BYTES = 16 << 20
# an upload that a registry has lost track of is begun again
UPLOAD_ATTEMPTS = 3


@dataclass(frozen=True)
class Form:
    """What one artifact holds: `files` below the published folder; `name` is "adapter", "merged" or such."""

    name: str
    tag: str
    files: tuple[Path, ...]


def forms_of(folder: Path, kind: str, tag: str, exports: list[dict[str, Any]]) -> list[Form]:
    """The forms of an artifact that are pushed; `kind` is "adapter" or "model", `exports` as the results have them."""
    papers = [folder / name for name in PAPERS if (folder / name).is_file()]
    places = [(kind, kind, tag)]
    for one in exports:
        if one["name"].startswith(PUSHED_EXPORTS):
            places.append((one["name"], one["path"], f"{tag}-{one['name']}"))
    return [Form(name, own_tag, tuple(sorted([*files_of(folder / place), *papers]))) for name, place, own_tag in places]


def files_of(place: Path) -> list[Path]:
    return [place] if place.is_file() else [path for path in place.rglob("*") if path.is_file()]


def push(folder: Path, kind: str, exports: list[dict[str, Any]], oci: dict[str, Any], annotations: dict[str, str]):
    """Push all forms; gives `{tag, digests}` with the digest of each manifest by the name of its form.

    WorkerFailure `credentials`, `unavailable` or `export` when the registry refuses, does not answer, or takes it not.
    """
    tag = oci["tag"] or "sha256-" + file_sha256(folder / CHECKSUM_FILE)[:12]
    access = access_of(oci)
    digests: dict[str, str] = {}
    for form in forms_of(folder, kind, tag, exports):
        digests[form.name] = push_form(form, folder, access, annotations)
        log.info("pushed", extra={"form": form.name, "tag": form.tag, "digest": digests[form.name]})
    return {"tag": tag, "digests": digests}


def access_of(oci: dict[str, Any]) -> Access:
    return Access(
        repository=oci["repository"],
        config_file=oci["configFile"],
        insecure=oci["insecure"],
        field="output.oci",
        deed="push to",
        correction="correct output.oci.repository or tag",
        later="the adapter is in the store, and another attempt pushes it",
    )


def push_form(form: Form, folder: Path, access: Access, annotations: dict[str, str]) -> str:
    registry, container = connect(access, form.tag)
    layers = [layer_of(path, path.relative_to(folder).as_posix()) for path in form.files]
    for path, layer in zip(form.files, layers, strict=True):
        upload(registry, container, path, layer, access)
    empty = folder.parent / f".{form.tag}.empty"
    config = {"mediaType": EMPTY_TYPE, "digest": f"sha256:{hashlib.sha256(EMPTY).hexdigest()}", "size": len(EMPTY)}
    try:
        empty.write_bytes(EMPTY)
        upload(registry, container, empty, config, access)
    finally:
        empty.unlink(missing_ok=True)
    manifest = manifest_of(form, {**config, "data": "e30="}, layers, annotations)
    content = json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode()
    return put_manifest(registry, container, content, MANIFEST_TYPE, access)


def layer_of(path: Path, title: str) -> dict[str, Any]:
    return {
        "mediaType": mimetypes.guess_type(title)[0] or "application/octet-stream",
        "digest": f"sha256:{file_sha256(path)}",
        "size": path.stat().st_size,
        "annotations": {"org.opencontainers.image.title": title},
    }


def manifest_of(
    form: Form, config: dict[str, Any], layers: list[dict[str, Any]], annotations: dict[str, str]
) -> dict[str, Any]:
    """No time is in it: the same artifact has the same digest wherever and whenever it is pushed."""
    return {
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "artifactType": f"application/vnd.doctune.{form.name.split('-')[0]}.v1",
        "config": config,
        "layers": layers,
        "annotations": annotations,
    }


def lineage(results: dict[str, Any], artifact: dict[str, Any]) -> dict[str, str]:
    """What an artifact is made from, by the names of the OCI image specification where it has some."""
    licence = results["licences"]["baseModel"]["name"]
    return {
        "org.opencontainers.image.title": results["run"]["name"],
        "org.opencontainers.image.source": artifact["uri"],
        "org.opencontainers.image.revision": artifact["digest"],
        "org.opencontainers.image.base.name": base_name(results["baseModel"]),
        **({"org.opencontainers.image.licenses": licence} if licence else {}),
        "dev.doctune.base-model": results["baseModelRevision"],
        "dev.doctune.dataset": results["dataset"]["digest"],
        "dev.doctune.run": results["run"]["id"],
        "dev.doctune.method": results["method"]["name"],
    }


def base_name(base_model: dict[str, Any]) -> str:
    hub = base_model.get("huggingFace")
    return hub["repo"] if hub else base_model.get("builtIn") or base_model["path"]


def upload(registry: "Registry", container: "Container", path: Path, layer: dict[str, Any], access: Access) -> None:
    """One blob; an upload that breaks off is begun again from its start."""
    for attempt in range(1, UPLOAD_ATTEMPTS + 1):
        try:
            answer = registry.upload_blob(
                str(path), container, layer, do_chunked=layer["size"] > CHUNK_BYTES, chunk_size=CHUNK_BYTES
            )
            check(answer, access)
            return
        except WorkerFailure as failure:
            if failure.kind == "credentials" or attempt == UPLOAD_ATTEMPTS:
                raise
        except (ValueError, OSError) as error:
            # an upload that the registry lost track of, and a connection that is gone
            if attempt == UPLOAD_ATTEMPTS:
                raise unavailable(access, error) from error
        log.warning("the upload is begun again", extra={"file": path.name, "attempt": attempt})
