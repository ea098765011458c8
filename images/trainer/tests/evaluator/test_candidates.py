"""Models beside base and tuned: other jobs, checkpoints, exports, and another baseline."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evaluator.evaluate import evaluate
from tests.evaluator.conftest import without_size
from tests.evaluator.test_evaluate import failure, lines, run, table
from worker.digests import CHECKSUM_FILE, checksums_digest, render_checksums
from worker.models import load
from worker.progress import Reporter
from worker.store import publish, staging, verified
from worker.termination import Termination

Publish = Callable[..., dict[str, str]]


@pytest.fixture
def model(evaluation: dict[str, Any]) -> dict[str, Any]:
    """What an input says of a job's model."""
    return {"adapter": evaluation["adapter"], "dataset": evaluation["dataset"], "baseModel": {"builtIn": "tiny"}}


def rows_of(result: dict[str, Any], name: str) -> list[list[Any]]:
    return next(each["results"] for each in result["summary"]["candidates"] if each["name"] == name)


def seal(store: Path, adapter: dict[str, str], run_id: str, step: int) -> str:
    """A checkpoint with the weights of an adapter, as the trainer leaves it."""
    folder = store / "runs" / run_id / "checkpoints"
    target = folder / f"step-{step}"
    shutil.copytree(verified(adapter, "adapter") / "adapter", target)
    (target / CHECKSUM_FILE).write_text(render_checksums(target))
    (target / "COMPLETE").write_text(checksums_digest((target / CHECKSUM_FILE).read_text()) + "\n")
    return f"pvc://doctune-artifacts/runs/{run_id}/checkpoints"


def test_evaluation_1_every_candidate_answers_the_same_items(
    evaluation: dict[str, Any], model: dict[str, Any], publish_adapter: Publish, store: Path
) -> None:
    other, late = publish_adapter(0.3), publish_adapter(0.7)
    uri = seal(store, late, "candidates-1", 40)
    evaluation["candidates"] = [
        {"name": "other", **model, "adapter": other},
        {"name": "same", **model},
        {"name": "last", **model, "checkpoint": {"uri": uri, "step": "last"}},
        {"name": "best", **model, "checkpoint": {"uri": uri, "step": "best"}},
    ]
    result, folder = run(evaluation)
    own = result["summary"]["results"]
    assert [each["name"] for each in result["summary"]["candidates"]] == ["other", "same", "last", "best"]
    # the same weights under another name say the same, and best are the published ones
    assert [row[4] for row in rows_of(result, "same")] == [row[4] for row in own]
    assert [row[4] for row in rows_of(result, "best")] == [row[4] for row in own]
    assert [row[3] for row in rows_of(result, "other")] == [row[3] for row in own]
    assert [row[4] for row in rows_of(result, "other")] != [row[4] for row in own]
    alone, _folder = run(evaluation | {"candidates": [], "adapter": late})
    assert [row[3:7] for row in rows_of(result, "last")] == [row[3:7] for row in alone["summary"]["results"]]
    for sample in lines(folder):
        assert set(sample["candidates"]) == {"other", "same", "last", "best"}
        assert sample["candidates"]["same"] == sample["tuned"]
    report = json.loads((folder / "report.json").read_text())
    assert report["correction"]["figures"] == 5 * len(own) == len(report["results"])


def test_evaluation_1_another_job_can_be_the_baseline(
    evaluation: dict[str, Any], model: dict[str, Any], publish_adapter: Publish
) -> None:
    plain, _folder = run(evaluation)
    result, folder = run(evaluation | {"baseline": model | {"adapter": publish_adapter(0.3)}})
    assert [row["tuned"] for row in table(result)] == [row["tuned"] for row in table(plain)]
    assert [row["base"] for row in table(result)] != [row["base"] for row in table(plain)]
    # the base model is a candidate then
    assert [row[4] for row in rows_of(result, "base")] == [row["base"] for row in table(plain)]
    assert "The baseline is `baseline`." in (folder / "report.md").read_text()


def test_evaluation_9_a_model_against_itself_is_inconclusive(evaluation: dict[str, Any], model: dict[str, Any]) -> None:
    result, _folder = run(evaluation | {"baseline": model})
    assert {(row["delta"], row["verdict"]) for row in table(result)} == {(0.0, "Inconclusive")}


@pytest.fixture(scope="module")
def exported(store: Path, publish_adapter: Publish) -> dict[str, str]:
    """An adapter with its exports beside it."""
    from trainer.exports import gguf_file, merged
    from trainer.exports.tuned import load_tuned, merge

    folder = staging()
    shutil.copytree(verified(publish_adapter(0.5), "adapter"), folder, dirs_exist_ok=True)
    (folder / CHECKSUM_FILE).unlink()
    base = load({"builtIn": "tiny"})
    model = merge(load_tuned({"builtIn": "tiny"}, "auto", folder / "adapter"))
    (folder / "exports" / "gguf").mkdir(parents=True)
    merged.write_merged(model, base.tokenizer, folder / "exports" / "merged")
    gguf_file.write_gguf(model, base.tokenizer, "q8_0", folder / "exports" / "gguf" / gguf_file.file_name("q8_0"))
    (folder / "exports" / "onnx").mkdir()
    (folder / "exports" / "onnx" / "model.onnx").write_text("graph")
    return without_size(publish(folder, "adapters"))


def test_evaluation_16_exports_answer_beside_the_model_they_were_made_from(
    evaluation: dict[str, Any], model: dict[str, Any], exported: dict[str, str]
) -> None:
    evaluation |= {"adapter": exported, "metrics": ["perplexity"]}
    evaluation["candidates"] = [
        {"name": "merged", **model, "adapter": exported, "export": "merged"},
        {"name": "small", **model, "adapter": exported, "export": "gguf-q8_0"},
    ]
    result, _folder = run(evaluation)
    tuned = [row["tuned"] for row in table(result)]
    for name in ("merged", "small"):
        figures = [row[4] for row in rows_of(result, name)]
        assert figures == pytest.approx(tuned, rel=0.03)
        assert figures != tuned


@pytest.mark.parametrize(
    ("export", "reason", "remedy"),
    [
        ("onnx", "NoEngine", 'evaluate "merged" or a GGUF file'),
        ("gguf-q4_0", "ExportNotFound", "add it to spec.output of the FineTuneJob"),
    ],
)
def test_evaluation_16_an_export_that_nothing_can_run_is_refused(
    evaluation: dict[str, Any], model: dict[str, Any], exported: dict[str, str], export: str, reason: str, remedy: str
) -> None:
    failed = failure(evaluation | {"candidates": [{"name": "x", **model, "adapter": exported, "export": export}]})
    assert (failed.code, failed.reason) == (10, reason)
    assert failed.message.startswith('candidates "x"')
    assert remedy in failed.message


def test_evaluation_1_a_checkpoint_that_is_gone_names_those_that_are_there(
    evaluation: dict[str, Any], model: dict[str, Any], store: Path
) -> None:
    uri = seal(store, evaluation["adapter"], "candidates-2", 20)
    gone = {"name": "gone", **model, "checkpoint": {"uri": uri, "step": "10"}}
    failed = failure(evaluation | {"candidates": [gone]})
    assert (failed.code, failed.reason) == (11, "CheckpointNotFound")
    assert "only of the steps 20" in failed.message


def test_evaluation_1_an_adapter_of_another_base_is_refused(
    evaluation: dict[str, Any], model: dict[str, Any], publish_adapter: Publish
) -> None:
    def harm(folder: Path) -> None:
        (folder / "manifest.json").write_text('{"baseModelRevision": "smollm2-135m@sha256:0"}')

    foreign = {"name": "foreign", **model, "adapter": publish_adapter(0.5, harm)}
    failed = failure(evaluation | {"candidates": [foreign]})
    assert (failed.code, failed.reason) == (12, "BaseModelMismatch")


def test_evaluation_1_two_models_of_one_name_are_refused(evaluation: dict[str, Any], model: dict[str, Any]) -> None:
    failed = failure(evaluation | {"candidates": [{"name": "x", **model}] * 2})
    assert (failed.code, failed.reason) == (10, "DuplicateCandidate")


def test_evaluation_4_models_with_other_tokenizers_are_compared_by_bits_per_byte(
    evaluation: dict[str, Any], model: dict[str, Any], store: Path, tmp_path: Path
) -> None:
    """A whole model of the same weights whose tokenizer has one token more."""
    base = load({"builtIn": "tiny"})
    base.tokenizer.add_tokens(["It sets limit"])
    base.model.resize_token_embeddings(len(base.tokenizer))
    folder = staging()
    base.model.save_pretrained(folder / "model")
    base.tokenizer.save_pretrained(folder / "model")
    revision = load({"builtIn": "tiny"}).revision
    (folder / "manifest.json").write_text(json.dumps({"baseModelRevision": revision, "kind": "model"}))
    other = {"name": "other", **model, "adapter": without_size(publish(folder, "adapters"))}
    result, folder = run(evaluation | {"candidates": [other], "metrics": ["perplexity"]})
    assert {row[0] for row in rows_of(result, "other")} == {"bitsPerByte"}
    assert {row["metric"] for row in table(result)} == {"perplexity"}
    assert result["summary"]["notes"] == ["TokenizersDiffer"]
    assert "bits per byte are compared instead" in (folder / "report.md").read_text()


def test_evaluation_14_rows_that_a_candidate_was_trained_on_prove_nothing_for_any(
    evaluation: dict[str, Any], model: dict[str, Any], publish_dataset: Publish
) -> None:
    answer = "It sets limit 2 of the server. It must be a number. It must be a number."
    planted = publish_dataset({"recall": 1, "test": 1}, trained=[f"As told: {answer}"])
    other = {"name": "other", **model, "dataset": planted}
    result = evaluate(evaluation | {"candidates": [other]}, Reporter(None), Termination())
    assert result["summary"]["contaminated"] == {"test": 2}
