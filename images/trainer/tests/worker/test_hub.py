"""A base model of a hub: what its answers mean for the run, and that a run has one commit of it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.worker.model_hub import COMMIT, ModelHub
from worker.failure import exit_code

TINY = {path.name: path for path in Path("/models/tiny").iterdir() if path.is_file()}
BARE = {name: path for name, path in TINY.items() if name == "config.json"}
# the library reads its switches when it is imported, so it is asked in a process of its own
ASK = """
import json, sys
from worker.failure import WorkerFailure
from worker.models import load, load_config, load_tokenizer

def told(ask, hub):
    try:
        found = ask({"huggingFace": hub})
        return {"revision": found.revision} if ask is load else {}
    except WorkerFailure as failure:
        return {"code": failure.code, "reason": failure.reason, "message": failure.message}

asks = {"config": load_config, "tokenizer": load_tokenizer, "model": load}
print(json.dumps([told(asks[name], hub) for name, hub in json.loads(sys.argv[1])]))
"""


def ask(url: str, folder: Path, *questions: tuple[str, dict[str, str]]) -> list[dict[str, str]]:
    variables = {**os.environ, "HF_ENDPOINT": url, "HF_HOME": str(folder / "cache")}
    command = [sys.executable, "-c", ASK, json.dumps(questions)]
    done = subprocess.run(command, check=False, env=variables, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def repo(name: str, revision: str = "main", **more: str) -> dict[str, str]:
    return {"repo": f"owner/{name}", "revision": revision, **more}


REFUSALS = {
    "503": (("config", repo("503")), "unavailable", "HubUnavailable", ["status 503", "baseModel.claimRef"]),
    "500": (("model", repo("500")), "unavailable", "HubUnavailable", ["status 500"]),
    "429": (("tokenizer", repo("429")), "unavailable", "HubUnavailable", ["status 429"]),
    "401": (("config", repo("401")), "credentials", "HubRefuses", ["huggingFace.secretRef", "huggingFace.repo"]),
    "403": (("config", repo("403")), "credentials", "HubRefuses", ["huggingFace.secretRef", "without a token"]),
    "gated": (("config", repo("gated")), "credentials", "BaseModelGated", ["terms", "huggingFace.secretRef"]),
    "unknown": (("config", repo("unknown")), "model", "BaseModelNotFound", ["huggingFace.repo", "correct its name"]),
    "no name": (("config", repo("a/b")), "model", "BaseModelNotFound", ["huggingFace.repo", "owner/name"]),
    "revision": (
        ("config", repo("tiny", "v9")),
        "model",
        "BaseModelNotFound",
        ["huggingFace.revision", '"v9"', "branch, tag or commit"],
    ),
    "tokenizer": (("tokenizer", repo("bare")), "model", "NoTokenizer", ["tokenizer.json", "choose another"]),
    "weights": (("model", repo("weightless")), "model", "BaseModelUnusable", ["huggingFace.repo", "choose a causal"]),
}


@pytest.fixture(scope="module")
def refusals(tmp_path_factory):
    folder = tmp_path_factory.mktemp("refusals")
    weightless = {name: path for name, path in TINY.items() if not name.startswith("model")}
    with ModelHub({"tiny": TINY, "bare": BARE, "weightless": weightless}) as hub:
        return dict(zip(REFUSALS, ask(hub.url, folder, *(one[0] for one in REFUSALS.values())), strict=True))


@pytest.mark.parametrize("name", REFUSALS)
def test_training_4_what_the_hub_answers_decides_about_another_attempt(refusals, name):
    _, kind, reason, words = REFUSALS[name]
    told = refusals[name]
    assert (told["code"], told["reason"]) == (exit_code(kind), reason), told
    assert [word for word in words if word not in told["message"]] == [], told


def test_training_4_a_hub_that_cannot_be_reached_is_asked_again(tmp_path):
    with ModelHub({}) as hub:
        gone = hub.url
    (told,) = ask(gone, tmp_path, ("config", repo("tiny")))
    assert (told["code"], told["reason"]) == (exit_code("unavailable"), "HubUnavailable")


def test_training_4_a_file_that_the_hub_fails_to_send_is_not_taken_for_one_that_is_not_there(tmp_path):
    with ModelHub({"tiny": TINY}, failing={"chat_template.jinja": 503}) as hub:
        (told,) = ask(hub.url, tmp_path, ("tokenizer", repo("tiny")))
    assert (told["code"], told["reason"]) == (exit_code("unavailable"), "HubUnavailable")


def test_training_4_weights_that_the_hub_fails_to_send_are_asked_for_again(tmp_path):
    with ModelHub({"tiny": TINY}, failing={"model.safetensors": 502}) as hub:
        (told,) = ask(hub.url, tmp_path, ("model", repo("tiny")))
    assert (told["code"], told["reason"]) == (exit_code("unavailable"), "HubUnavailable")


def test_training_4_a_run_knows_the_commit_of_the_branch_that_it_loaded(tmp_path):
    from transformers import AutoModelForCausalLM

    AutoModelForCausalLM.from_pretrained("/models/tiny").save_pretrained(tmp_path / "parts", max_shard_size="500KB")
    parts = {**TINY, **{path.name: path for path in (tmp_path / "parts").iterdir()}}
    del parts["model.safetensors"]
    with ModelHub({"tiny": TINY, "parts": parts}) as hub:
        told = ask(hub.url, tmp_path, ("model", repo("tiny")), ("model", repo("parts")))
    assert told == [{"revision": f"owner/{name}@{COMMIT}"} for name in ("tiny", "parts")]
