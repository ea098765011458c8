"""Moves a tag: the manifest that lies in the registry already is put under the tag, byte by byte as it is.

Asked twice, it does nothing the second time. No blob is sent, so the right to write manifests is enough.
"""

from typing import TYPE_CHECKING, Any

from worker.failure import WorkerFailure
from worker.progress import Reporter
from worker.registry import MANIFEST_TYPE, Access, ask, check, connect, digest_of, put_manifest
from worker.result import success
from worker.termination import Termination

if TYPE_CHECKING:
    from requests import Response

# a registry that says nothing for so long is asked again; nothing large is sent
SILENCE_SECONDS = 60
ACCEPTED = (
    MANIFEST_TYPE,
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
NOT_FOUND = 404
FIELD = "promotion.oci"


def promote(value: dict[str, Any], _reporter: Reporter, _termination: Termination) -> dict[str, Any]:
    """Put the tag of the input on its digest; the result tells what the tag named before."""
    access = access_of(value)
    manifest = find(access, value["digest"])
    if manifest is None:
        raise WorkerFailure(
            "source",
            "ManifestNotFound",
            f'{FIELD}: "{access.repository}" has no manifest {value["digest"]} any more: push the adapter there again, '
            "or go back to one that is there",
        )
    told = digest_of(manifest.content)
    if told != value["digest"]:
        raise WorkerFailure("export", "OciRefused", f"{FIELD}: the registry gave {told} for {value['digest']}")
    former = find(access, value["tag"])
    before = None if former is None else digest_of(former.content)
    place = f"{access.repository}:{value['tag']}"
    summary = {"digest": told, "former": before}
    if before == told:
        return success("tag-result", "Unchanged", f'"{place}" names {told} already', None, summary)
    registry, container = connect(access, value["tag"], SILENCE_SECONDS)
    put_manifest(registry, container, manifest.content, media_type_of(manifest), access)
    return success("tag-result", "Moved", f'"{place}" names {told}', None, summary)


def access_of(value: dict[str, Any]) -> Access:
    return Access(
        repository=value["repository"],
        config_file=value["configFile"],
        insecure=value["insecure"],
        field=FIELD,
        deed="move a tag of",
        correction=f'let the tag "{value["tag"]}" be moved there, or name another in {FIELD}.tag',
        later="the tag stays where it is, and is tried again",
    )


def find(access: Access, reference: str) -> "Response | None":
    """The manifest under a tag or digest; None if there is none."""
    registry, container = connect(access, reference, SILENCE_SECONDS)
    answer = ask(registry, "GET", container, access, headers={"Accept": ", ".join(ACCEPTED)})
    if answer.status_code == NOT_FOUND:
        return None
    check(answer, access)
    return answer


def media_type_of(manifest: "Response") -> str:
    """What a manifest says it is counts more than what it was sent as."""
    return manifest.json().get("mediaType") or manifest.headers.get("Content-Type", MANIFEST_TYPE)
