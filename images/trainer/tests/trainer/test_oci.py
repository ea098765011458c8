"""Adapters in an OCI registry: content, lineage and digest, and what a registry can do wrong."""

import base64
import hashlib
import json

import pytest

from tests.trainer.builders import train_input
from tests.trainer.registry import Registry
from trainer.outcome import oci
from trainer.outcome.oci import push
from worker import registry as client
from worker.digests import CHECKSUM_FILE, render_checksums
from worker.failure import WorkerFailure


@pytest.fixture
def registry():
    server = Registry()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def private():
    server = Registry("pusher", "secret")
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def artifact(tmp_path, monkeypatch):
    monkeypatch.setattr(oci, "CHUNK_BYTES", 1000)
    monkeypatch.setattr(client, "BACKOFF_SECONDS", 0)
    folder = tmp_path / "artifact"
    (folder / "adapter").mkdir(parents=True)
    (folder / "adapter/adapter_model.safetensors").write_bytes(bytes(range(256)) * 10)
    (folder / "adapter/adapter_config.json").write_text('{"r": 8}')
    (folder / "README.md").write_text("# card")
    (folder / CHECKSUM_FILE).write_text(render_checksums(folder))
    return folder


def place(server, **changes):
    given = {"repository": f"{server.host}/team/adapter", "tag": "v1", "configFile": None, "insecure": True}
    return {**given, **changes}


def config_file(tmp_path, server, password="secret"):
    login = base64.b64encode(f"pusher:{password}".encode()).decode()
    (tmp_path / "config.json").write_text(json.dumps({"auths": {server.host: {"auth": login}}}))
    return str(tmp_path / "config.json")


def test_training_29_a_run_pushes_adapter_and_exports_with_their_lineage(work, dataset, registry):
    value = train_input(dataset, output={"merged": True, "gguf": ["q8_0"], "onnx": True})
    run = work.run({**value, "oci": place(registry)})
    assert run.code == 0
    published = run.result["summary"]["published"]
    assert published["tag"] == "v1"
    # a graph is no model that others serve from a registry
    assert set(published["digests"]) == {"adapter", "merged", "gguf-q8_0"}
    tags = {"adapter": "v1", "merged": "v1-merged", "gguf-q8_0": "v1-gguf-q8_0"}
    for name, digest in published["digests"].items():
        stored = registry.manifests["team/adapter", tags[name]]
        assert digest == f"sha256:{hashlib.sha256(stored).hexdigest()}"
        for layer in json.loads(stored)["layers"]:
            file = run.adapter / layer["annotations"]["org.opencontainers.image.title"]
            assert registry.blobs[layer["digest"]] == file.read_bytes()
    manifest = registry.manifest("team/adapter", "v1")
    titles = {layer["annotations"]["org.opencontainers.image.title"] for layer in manifest["layers"]}
    assert titles >= {"adapter/adapter_model.safetensors", "adapter/adapter_config.json", "README.md", "manifest.json"}
    assert not any(title.startswith("exports/") for title in titles)
    annotations = manifest["annotations"]
    assert annotations["org.opencontainers.image.revision"] == run.digest
    assert annotations["org.opencontainers.image.base.name"] == "tiny"
    assert annotations["org.opencontainers.image.licenses"] == "Apache-2.0"
    assert annotations["dev.doctune.dataset"] == dataset["digest"]
    assert annotations["dev.doctune.run"] == value["run"]["id"]
    assert annotations["dev.doctune.base-model"] == run.results()["baseModelRevision"]


def test_training_29_the_same_artifact_has_the_same_digest_and_is_sent_once(artifact, registry):
    first = push(artifact, "adapter", [], place(registry), {"a": "b"})
    sent = registry.requests.count("POST upload")
    assert push(artifact, "adapter", [], place(registry), {"a": "b"}) == first
    assert registry.requests.count("POST upload") == sent == 4


def test_training_29_without_a_tag_the_digest_of_the_artifact_is_one(artifact, registry):
    tag = push(artifact, "adapter", [], place(registry, tag=None), {})["tag"]
    assert tag == "sha256-" + hashlib.sha256((artifact / CHECKSUM_FILE).read_bytes()).hexdigest()[:12]


def test_training_29_a_large_file_is_sent_in_pieces(artifact, registry):
    push(artifact, "adapter", [], place(registry), {})
    assert registry.requests.count("PATCH upload") == 3
    assert registry.largest_body <= 1000


def test_training_29_a_token_is_asked_for_with_the_credentials_of_the_secret(artifact, private, tmp_path):
    told = push(artifact, "adapter", [], place(private, configFile=config_file(tmp_path, private)), {})
    assert ("team/adapter", "v1") in private.manifests
    assert told["digests"]["adapter"].startswith("sha256:")


@pytest.mark.parametrize("password", [None, "wrong"])
def test_training_29_who_may_not_push_is_told_the_field(artifact, private, tmp_path, password):
    file = password and config_file(tmp_path, private, password)
    with pytest.raises(WorkerFailure) as failure:
        push(artifact, "adapter", [], place(private, configFile=file), {})
    assert (failure.value.code, failure.value.reason) == (14, "OciCredentials")
    assert "output.oci.secretRef" in failure.value.message


@pytest.mark.parametrize(
    "faults",
    [
        {"POST upload": [429, 503], "PUT manifest": [429]},
        {"PATCH upload": [500]},
        {"PATCH upload": ["drop"]},
        {"PUT upload": [400]},
    ],
)
def test_training_29_a_registry_that_stumbles_gets_everything_in_the_end(artifact, registry, faults):
    registry.faults = {kind: list(statuses) for kind, statuses in faults.items()}
    push(artifact, "adapter", [], place(registry), {})
    assert all(not left for left in registry.faults.values())
    blobs = registry.manifest("team/adapter", "v1")["layers"]
    assert all(len(registry.blobs[blob["digest"]]) == blob["size"] for blob in blobs)


def test_training_29_a_token_that_runs_out_in_the_middle_is_asked_for_again(artifact, private, tmp_path):
    private.faults = {"PATCH upload": [401]}
    push(artifact, "adapter", [], place(private, configFile=config_file(tmp_path, private)), {})
    assert ("team/adapter", "v1") in private.manifests


@pytest.mark.parametrize(
    ("faults", "code", "reason"),
    [
        ({"PUT manifest": [503] * 9}, 16, "OciUnavailable"),
        ({"PUT manifest": [404]}, 50, "OciRefused"),
        ({"POST upload": [500] * 9}, 16, "OciUnavailable"),
    ],
)
def test_training_29_what_does_not_help_to_repeat_is_told(artifact, registry, faults, code, reason):
    registry.faults = faults
    with pytest.raises(WorkerFailure) as failure:
        push(artifact, "adapter", [], place(registry), {})
    assert (failure.value.code, failure.value.reason) == (code, reason)


def test_training_29_a_registry_that_is_not_there_fails_the_attempt_and_not_the_adapter(work, short_run, monkeypatch):
    monkeypatch.setattr(client, "BACKOFF_SECONDS", 0)
    nowhere = {"repository": "127.0.0.1:1/a/b", "tag": None, "configFile": None, "insecure": True}
    failed = work.run({**short_run, "oci": nowhere})
    assert (failed.code, failed.result["reason"]) == (16, "OciUnavailable")
    assert len(list((work.store / "artifacts/adapters").iterdir())) == 1
    server = Registry()
    repaired = work.run({**short_run, "oci": place(server)})
    server.shutdown()
    server.server_close()
    assert repaired.code == 0
    assert repaired.result["summary"]["published"]["digests"].keys() == {"adapter"}
