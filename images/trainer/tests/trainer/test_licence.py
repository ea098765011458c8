"""The licence of a base model: how it is found, and that a run without consent is refused before its weights load."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from tests.trainer.builders import rows, train_input
from trainer.admission.licence import kind_of, name_of_text, read_licence
from trainer.outcome.licence_chain import chain_lines, licence_chain

TINY = "/models/tiny"
APACHE = "                                 Apache License\n                           Version 2.0, January 2004\n"
RESEARCH = "---\nlicense: other\nlicense_name: qwen-research\n---\n"
GPL = "GNU GENERAL PUBLIC LICENSE\nVersion 3\n...occasionally and noncommercially..."


@pytest.fixture
def model(tmp_path):
    """A model on a claim, whose files tell of its licence what a test writes into them."""
    folder = tmp_path / "claim"
    shutil.copytree(TINY, folder)
    (folder / "doctune.json").unlink()

    def with_files(**files):
        for name, content in files.items():
            (folder / name.replace("_", ".")).write_text(content)
        return {"path": str(folder)}

    return with_files


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Apache-2.0", "open"),
        ("mit", "open"),
        ("cc-by-sa-4.0", "open"),
        ("qwen-research", "research"),
        ("cc-by-nc-4.0", "research"),
        ("cc-by-nc-sa-4.0", "research"),
        ("mnpl-0.1", "research"),
        ("llama3.1", "agreed"),
        ("gemma", "agreed"),
        ("tongyi-qianwen", "unknown"),
        (None, "unknown"),
    ],
)
def test_capability_12_what_a_licence_asks_for(name, kind):
    assert kind_of(name) == kind


def test_capability_12_a_gated_model_asks_for_consent_whatever_its_licence():
    assert kind_of("apache-2.0", is_gated=True) == "agreed"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (APACHE, "apache-2.0"),
        (GPL, "gpl"),
        ("MIT License\n\nCopyright", "mit"),
        ("Qwen RESEARCH LICENSE AGREEMENT", "research"),
        ("LLAMA 3.1 COMMUNITY LICENSE AGREEMENT", "llama"),
        ("All rights reserved.", None),
    ],
)
def test_capability_12_a_licence_file_is_recognised_by_its_head(text, name):
    assert name_of_text(text) == name


@pytest.mark.parametrize(
    ("files", "name", "kind", "file"),
    [
        ({"README_md": "---\nlicense: mit\nbase_model: a/b\n---\n"}, "mit", "open", "README.md"),
        (
            {"README_md": "---\nlicense: other\nlicense_name: qwen-research\n---\n"},
            "qwen-research",
            "research",
            "README.md",
        ),
        ({"README_md": "---\nlicense: [cc-by-nc-4.0, mit]\n---\n"}, "mit", "open", "README.md"),
        ({"README_md": "---\nextra_gated_prompt: agree\n---\n", "LICENSE": APACHE}, "apache-2.0", "agreed", "LICENSE"),
        ({"README_md": "---\n- no\n- mapping\n---\n", "LICENSE": APACHE}, "apache-2.0", "open", "LICENSE"),
        ({"README_md": "no head at all"}, None, "unknown", None),
        ({"LICENSE": "All rights reserved."}, None, "unknown", "LICENSE"),
        ({}, None, "unknown", None),
    ],
)
def test_capability_12_the_files_of_a_model_tell_its_licence(model, files, name, kind, file):
    licence = read_licence(model(**files))
    assert (licence.name, licence.kind, licence.file) == (name, kind, file)


def test_capability_12_the_configuration_may_tell_it(model):
    place = model()
    config = json.loads((Path(TINY) / "config.json").read_text("utf-8"))
    model(config_json=json.dumps({**config, "license": "cc-by-nc-4.0"}))
    assert read_licence(place).kind == "research"


def test_capability_12_a_built_in_model_tells_it():
    assert read_licence({"builtIn": "tiny"}).kind == "open"


def test_capability_12_a_model_for_research_is_refused_without_consent(work, dataset, model, monkeypatch):
    place = model(README_md=RESEARCH)
    monkeypatch.setattr("trainer.recipe.load_base", lambda *_: pytest.fail("weights were loaded"))
    failed = work.run({**train_input(dataset), "baseModel": place})
    assert (failed.code, failed.result["reason"]) == (12, "LicenceNotAccepted")
    for words in ('"qwen-research"', "README.md", "research or non-commercial use only", "baseModel.acceptLicense"):
        assert words in failed.result["message"]


def test_capability_12_with_consent_it_is_trained_and_the_chain_is_told(work, dataset, model):
    place = model(README_md="---\nlicense: other\nlicense_name: qwen-research\nbase_model: Qwen/Qwen2.5-3B\n---\n")
    run = work.run({**train_input(dataset, training={"maxSteps": 2}), "baseModel": place, "acceptLicense": True})
    assert run.code == 0
    expected = {"name": "qwen-research", "kind": "research", "file": "README.md", "base": ["Qwen/Qwen2.5-3B"]}
    assert run.results()["licences"]["baseModel"] == expected


def test_capability_12_a_licence_that_nobody_knows_is_a_warning(work, dataset, model):
    run = work.run({**train_input(dataset, training={"maxSteps": 2}), "baseModel": model()})
    warned = {warning["reason"]: warning["message"] for warning in run.result["summary"]["warnings"]}
    assert "is told in none of its files" in warned["LicenceUnknown"]


def test_capability_12_the_card_tells_the_whole_chain_of_licences(work, dataset, model, monkeypatch):
    manifest = {
        "generator": {"name": "openai", "model": "deepseek-chat"},
        "sources": [{"licences": {"MIT": 3, "unknown": 1}}, {"licences": {"MIT": 1, "a|b <script>": 2}}],
    }
    value = {**train_input(dataset, training={"maxSteps": 2}), "baseModel": model(README_md=RESEARCH)}
    run = work.run({**value, "dataset": work.dataset(rows(), manifest=manifest), "acceptLicense": True})
    card = (run.adapter / "README.md").read_text("utf-8")
    head = yaml.safe_load(card.split("---\n")[1])
    assert (head["license"], head["license_name"]) == ("other", "qwen-research")
    assert "research-only" in head["tags"]
    assert "| base model | qwen-research (README.md) |" in card
    assert "| documents | MIT (4), a\\|b &lt;script> (2), unknown (1) |" in card
    assert "| rows | written by deepseek-chat: the terms of its provider apply" in card
    assert "| this adapter | research and non-commercial use only, as its base model |" in card
    assert json.loads((run.adapter / "manifest.json").read_text("utf-8"))["licences"]["documents"]["MIT"] == 4
    page = (run.adapter / "report.html").read_text("utf-8")
    assert "a|b &lt;script&gt; (2)" in page


def test_capability_12_a_card_of_rows_without_a_model_names_no_terms(tmp_path):
    (tmp_path / "manifest.json").write_text(json.dumps({"generator": {"name": "extractive"}, "sources": []}))
    chain = licence_chain(read_licence({"builtIn": "tiny"}), tmp_path)
    assert (chain["documents"], chain["generator"]) == (None, None)
    assert ("documents", "not told") in chain_lines(chain)
