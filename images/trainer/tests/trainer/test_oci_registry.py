"""Adapters and tags in the CNCF's own registry.

What a registry can do wrong is tested with the stand-in of registry.py.
"""

import base64
import hashlib
import json

import pytest

from promoter.tag import promote
from tests.trainer.builders import train_input
from tests.trainer.distribution import Distribution
from trainer.outcome import oci
from worker.digests import CHECKSUM_FILE, render_checksums
from worker.failure import WorkerFailure
from worker.registry import MANIFEST_TYPE


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    server = Distribution(tmp_path_factory.mktemp("registry"))
    yield server
    server.close()


def place(folder, server, password, **changes):
    login = base64.b64encode(f"pusher:{password}".encode()).decode()
    (folder / "config.json").write_text(json.dumps({"auths": {server.host: {"auth": login}}}))
    given = {"repository": f"{server.host}/team/adapter", "tag": "v1", "insecure": True}
    return {**given, "configFile": str(folder / "config.json"), **changes}


def test_training_29_a_run_is_in_the_registry_byte_for_byte(work, dataset, registry, tmp_path, monkeypatch):
    # so that the small model goes in pieces, as a large one does
    monkeypatch.setattr(oci, "CHUNK_BYTES", 100_000)
    run = work.run({**train_input(dataset, output={"merged": True}), "oci": place(tmp_path, registry, "secret")})
    assert run.code == 0
    digests = run.result["summary"]["published"]["digests"]
    for name, tag in {"adapter": "v1", "merged": "v1-merged"}.items():
        status, content = registry.get(f"team/adapter/manifests/{tag}", MANIFEST_TYPE)
        assert status == 200
        assert digests[name] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        layers = json.loads(content)["layers"]
        assert layers
        for layer in layers:
            file = run.adapter / layer["annotations"]["org.opencontainers.image.title"]
            assert registry.get(f"team/adapter/blobs/{layer['digest']}") == (200, file.read_bytes())


def test_training_29_a_wrong_password_is_told_by_the_field(work, short_run, registry, tmp_path):
    run = work.run({**short_run, "oci": place(tmp_path, registry, "wrong")})
    assert (run.code, run.result["reason"]) == (14, "OciCredentials")
    assert "output.oci.secretRef" in run.result["message"]


def test_evaluation_17_the_tag_moves_to_what_is_promoted_and_back(registry, tmp_path):
    digests = {}
    for tag in ("v1", "v2"):
        artifact = tmp_path / tag
        (artifact / "adapter").mkdir(parents=True)
        (artifact / "adapter/adapter_config.json").write_text(json.dumps({"r": tag}))
        (artifact / CHECKSUM_FILE).write_text(render_checksums(artifact))
        to = place(tmp_path, registry, "secret", repository=f"{registry.host}/team/other", tag=tag)
        digests[tag] = oci.push(artifact, "adapter", [], to, {})["digests"]["adapter"]
    asked = {key: value for key, value in to.items() if key != "tag"} | {"tag": "promoted"}
    for tag, former in (("v1", None), ("v2", "v1"), ("v1", "v2")):
        told = promote({**asked, "digest": digests[tag]}, None, None)
        assert told["summary"] == {"digest": digests[tag], "former": former and digests[former]}
        named = registry.get("team/other/manifests/promoted", MANIFEST_TYPE)
        assert named == registry.get(f"team/other/manifests/{tag}", MANIFEST_TYPE)
    with pytest.raises(WorkerFailure) as failure:
        promote({**asked, "digest": f"sha256:{'0' * 64}"}, None, None)
    assert failure.value.reason == "ManifestNotFound"
