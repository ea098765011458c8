"""The tag of the promoted adapter: what is moved, what is left alone, and what a registry can do wrong."""

import base64
import hashlib
import json
import os
import subprocess
import sys

import pytest

from promoter import tag
from promoter.tag import promote
from tests.trainer.registry import Registry
from trainer.outcome.oci import push
from worker import registry as client
from worker.digests import CHECKSUM_FILE, render_checksums
from worker.failure import CONTRACT
from worker.shell import run

REPOSITORY = "team/adapter"


def digest_of(content):
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def manifest(adapter):
    config = {"mediaType": "application/vnd.oci.empty.v1+json", "digest": digest_of(b"{}"), "size": 2}
    # spaces, as others may write them: what is put under the tag must be the same byte by byte
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": client.MANIFEST_TYPE,
            "config": config,
            "layers": [],
            "annotations": {"of": adapter},
        },
        indent=3,
    ).encode()


OLD, NEW = manifest("old"), manifest("new")


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(client, "BACKOFF_SECONDS", 0)


def served(server):
    """A registry to which a training has pushed two adapters."""
    server.blobs[digest_of(b"{}")] = b"{}"
    server.manifests = {(REPOSITORY, "v1"): OLD, (REPOSITORY, "v2"): NEW}
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def registry():
    yield from served(Registry())


@pytest.fixture
def private():
    yield from served(Registry("pusher", "secret"))


def asked(server, content=NEW, **changes):
    given = {
        "version": 1,
        "run": {"namespace": "docs", "name": "handbook-tag-0a1b2c3d", "id": "0a1b2c3d"},
        "repository": f"{server.host}/{REPOSITORY}",
        "digest": digest_of(content),
        "tag": "promoted",
        "configFile": None,
        "insecure": True,
    }
    return {**given, **changes}


@pytest.fixture
def ends(tmp_path, monkeypatch):
    """Runs the promoter as its Job does; gives its exit code and its termination message."""

    def work(value):
        (tmp_path / "input.json").write_text(json.dumps(value))
        monkeypatch.setenv("DOCTUNE_INPUT", str(tmp_path / "input.json"))
        monkeypatch.setenv("DOCTUNE_RESULT", str(tmp_path / "result"))
        code = run("tag-input", promote)
        return code, json.loads((tmp_path / "result").read_text())

    return work


def config_file(tmp_path, server, password):
    login = base64.b64encode(f"pusher:{password}".encode()).decode()
    (tmp_path / "config.json").write_text(json.dumps({"auths": {server.host: {"auth": login}}}))
    return str(tmp_path / "config.json")


def test_evaluation_17_a_tag_is_put_on_the_manifest_that_is_there_as_it_is(registry, ends):
    code, result = ends(asked(registry))
    assert code == 0
    assert registry.manifests[REPOSITORY, "promoted"] == NEW
    assert result["summary"] == {"digest": digest_of(NEW), "former": None}
    assert (result["reason"], result["message"]) == (
        "Moved",
        f'"{registry.host}/{REPOSITORY}:promoted" names {digest_of(NEW)}',
    )
    # no blob is sent
    assert set(registry.requests) == {"GET manifest", "PUT manifest"}
    assert "artifact" not in result


def test_evaluation_17_the_program_of_the_job_ends_with_its_result(registry, tmp_path):
    (tmp_path / "input.json").write_text(json.dumps(asked(registry)))
    told = {"DOCTUNE_INPUT": str(tmp_path / "input.json"), "DOCTUNE_RESULT": str(tmp_path / "result")}
    # what the kernel tells of a child counts the process it was forked from, which is larger than this program
    program = "import atexit, runpy; atexit.register(lambda: print(open('/proc/self/status').read()))"
    program += "; runpy.run_module('promoter', run_name='__main__')"
    asked_for = {"env": {**os.environ, **told}, "capture_output": True, "text": True}
    ended = subprocess.run([sys.executable, "-c", program], check=False, **asked_for)
    assert ended.returncode == 0
    [kibibytes] = [int(line.split()[1]) for line in ended.stdout.splitlines() if line.startswith("VmHWM:")]
    assert registry.manifests[REPOSITORY, "promoted"] == NEW
    assert json.loads((tmp_path / "result").read_text())["reason"] == "Moved"
    # what the Job asks for has room for it
    assert kibibytes < 128 << 10


def test_evaluation_17_it_goes_back_and_tells_what_it_named_before(registry, ends):
    ends(asked(registry))
    _, result = ends(asked(registry, OLD))
    assert registry.manifests[REPOSITORY, "promoted"] == OLD
    assert result["summary"] == {"digest": digest_of(OLD), "former": digest_of(NEW)}
    # the tags of the trainings stay
    assert (registry.manifests[REPOSITORY, "v1"], registry.manifests[REPOSITORY, "v2"]) == (OLD, NEW)


def test_evaluation_17_oras_pulls_by_the_tag_what_a_training_pushed(registry, ends, tmp_path):
    from oras.client import OrasClient

    folder, served = tmp_path / "artifact", tmp_path / "served"
    (folder / "adapter").mkdir(parents=True)
    (folder / "adapter/adapter_model.safetensors").write_bytes(b"weights")
    (folder / "adapter/adapter_config.json").write_text('{"r": 8}')
    (folder / CHECKSUM_FILE).write_text(render_checksums(folder))
    oci = {"repository": f"{registry.host}/{REPOSITORY}", "tag": "v3", "configFile": None, "insecure": True}
    digest = push(folder, "adapter", [], oci, {})["digests"]["adapter"]
    assert ends({**asked(registry), "digest": digest})[0] == 0
    OrasClient(insecure=True).pull(f"{registry.host}/{REPOSITORY}:promoted", outdir=str(served))
    pulled = {path.relative_to(served).as_posix(): path.read_bytes() for path in served.rglob("*") if path.is_file()}
    assert pulled == {"adapter/adapter_model.safetensors": b"weights", "adapter/adapter_config.json": b'{"r": 8}'}


def test_evaluation_17_what_is_done_is_not_done_twice(registry, ends):
    ends(asked(registry))
    registry.requests.clear()
    code, result = ends(asked(registry))
    assert (code, result["reason"]) == (0, "Unchanged")
    assert registry.requests == ["GET manifest", "GET manifest"]


def test_evaluation_17_credentials_of_the_secret_are_used(private, ends, tmp_path):
    code, _ = ends(asked(private, configFile=config_file(tmp_path, private, "secret")))
    assert code == 0
    assert private.manifests[REPOSITORY, "promoted"] == NEW


@pytest.mark.parametrize(
    ("password", "remedy"),
    [(None, "give promotion.oci.secretRef"), ("wrong", "correct them, and let them move a tag")],
)
def test_evaluation_17_who_may_not_move_it_is_told_the_field(private, ends, tmp_path, password, remedy):
    code, result = ends(asked(private, configFile=password and config_file(tmp_path, private, password)))
    assert (code, result["reason"]) == (14, "OciCredentials")
    assert "promotion.oci.secretRef" in result["message"]
    assert remedy in result["message"]
    assert (REPOSITORY, "promoted") not in private.manifests


def test_evaluation_17_credentials_that_may_only_read_move_nothing(registry, ends):
    registry.faults = {"PUT manifest": [403] * 3}
    code, result = ends(asked(registry))
    assert (code, result["reason"]) == (14, "OciCredentials")
    assert (REPOSITORY, "promoted") not in registry.manifests


def test_evaluation_17_a_manifest_that_is_gone_moves_nothing(registry, ends):
    ends(asked(registry, OLD))
    code, result = ends(asked(registry, manifest("never pushed")))
    assert (code, result["reason"]) == (13, "ManifestNotFound")
    assert "push the adapter there again" in result["message"]
    assert registry.manifests[REPOSITORY, "promoted"] == OLD


@pytest.mark.parametrize("faults", [{"GET manifest": [503, 429]}, {"PUT manifest": [503]}, {"GET manifest": ["drop"]}])
def test_evaluation_17_a_registry_that_stumbles_has_it_in_the_end(registry, ends, faults):
    registry.faults = {kind: list(statuses) for kind, statuses in faults.items()}
    code, _ = ends(asked(registry))
    assert code == 0
    assert all(not left for left in registry.faults.values())
    assert registry.manifests[REPOSITORY, "promoted"] == NEW


@pytest.mark.parametrize("kind", ["GET manifest", "PUT manifest"])
def test_evaluation_17_a_registry_that_stays_away_is_worth_another_try(registry, ends, kind):
    registry.faults = {kind: [503] * 20}
    code, result = ends(asked(registry))
    assert (code, result["reason"]) == (16, "OciUnavailable")
    assert "is tried again" in result["message"]
    assert (REPOSITORY, "promoted") not in registry.manifests
    codes = json.loads((CONTRACT / "exit-codes.json").read_text())
    assert [one["isTerminal"] for one in codes.values() if one["code"] == code] == [False]


def test_evaluation_17_a_registry_that_says_nothing_is_not_waited_for_for_ever(registry, ends, monkeypatch):
    monkeypatch.setattr(tag, "SILENCE_SECONDS", 0.2)
    registry.faults = {"GET manifest": ["silent"] * 20}
    code, result = ends(asked(registry))
    assert (code, result["reason"]) == (16, "OciUnavailable")


def test_evaluation_17_a_tag_that_may_not_be_moved_is_told_with_its_field(registry, ends):
    registry.faults = {"PUT manifest": [409]}
    code, result = ends(asked(registry))
    assert (code, result["reason"]) == (50, "OciRefused")
    assert 'let the tag "promoted" be moved there, or name another in promotion.oci.tag' in result["message"]


def test_evaluation_17_a_manifest_that_is_another_is_not_believed(registry, ends, monkeypatch):
    other = {digest_of(NEW): OLD}
    monkeypatch.setattr(Registry, "stored", lambda _self, name, reference: other.get(reference))
    code, result = ends(asked(registry))
    assert (code, result["reason"]) == (50, "OciRefused")
    assert (REPOSITORY, "promoted") not in registry.manifests
