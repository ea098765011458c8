"""The promoted adapter beside the tuned model that would take its place."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evaluator.evaluate import evaluate
from evaluator.second_adapter import opened_beside
from evaluator.sources import source_of
from evaluator.subject import load_subject
from tests.evaluator.conftest import row as row_of
from tests.evaluator.conftest import without_size
from tests.evaluator.test_benchmarks import GENERAL
from tests.evaluator.test_candidates import rows_of
from tests.evaluator.test_evaluate import Recorder, run, table
from worker.models import load
from worker.store import publish, staging, verified
from worker.termination import Termination

Publish = Callable[..., dict[str, str]]
TINY = {"builtIn": "tiny"}


def made_from(dataset: dict[str, str] | None, **more: Any) -> Callable[[Path], None]:
    """A manifest as the trainer writes it."""

    def write(folder: Path) -> None:
        manifest = json.loads((folder / "manifest.json").read_text())
        (folder / "manifest.json").write_text(json.dumps(manifest | {"dataset": dataset} | more))

    return write


@pytest.fixture
def other(publish_adapter: Publish, dataset: dict[str, str]) -> dict[str, str]:
    return publish_adapter(0.3, made_from(dataset))


def incumbent_of(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "report.json").read_text())["incumbent"]


def test_evaluation_17_the_promoted_adapter_answers_the_same_items_and_moves_no_other_figure(
    evaluation: dict[str, Any], other: dict[str, str]
) -> None:
    plain, _folder = run(evaluation)
    model = {"adapter": other, "dataset": evaluation["dataset"], "baseModel": TINY}
    beside, _folder = run(evaluation | {"candidates": [{"name": "other", **model}]})
    result, folder = run(evaluation | {"incumbent": other})
    assert table(result) == table(plain)
    assert result["summary"]["candidates"] == []
    told = incumbent_of(folder)
    assert (told["digest"], told["problem"], told["trainedQuestions"]) == (other["digest"], None, 0)
    figures = [round(row["base"], 4) for row in told["results"]]
    assert figures == pytest.approx([row[4] for row in rows_of(beside, "other")], rel=1e-4)
    assert [row["tuned"] for row in told["results"]] == pytest.approx([row["tuned"] for row in table(plain)], rel=1e-4)
    assert result["summary"]["incumbent"]["compared"] == len(told["results"]) == 6
    said = [json.loads(line) for line in (folder / "promoted.jsonl").read_text().splitlines()]
    assert len(said) == 17 and all(line["promoted"]["output"] for line in said)
    assert "## Against the promoted adapter" in (folder / "report.md").read_text()


def test_evaluation_17_what_is_proven_worse_than_the_promoted_adapter_is_told(
    evaluation: dict[str, Any], publish_adapter: Publish, dataset: dict[str, str]
) -> None:
    # tiny is untrained: what changes much at random happens to find the references more probable
    calm, strong = (publish_adapter(strength, made_from(dataset)) for strength in (0.0, 1.0))
    evaluation["metrics"] = ["perplexity"]
    result, folder = run(evaluation | {"adapter": calm, "incumbent": strong})
    told = incumbent_of(folder)["results"]
    worse = result["summary"]["incumbent"]["worse"]
    assert worse, told
    metric, split, place, before, after, delta, low, high, samples, p, verdict = worse[0]
    assert (metric, split, place, verdict, samples) == ("perplexity", "recall", 0, "Worse", 10)
    assert before < after == pytest.approx(table(result)[0]["base"], rel=1e-4)
    assert 0 < low <= delta <= high and p < 0.05
    # the other way round it is better, and nothing is told
    back, _folder = run(evaluation | {"adapter": strong, "incumbent": calm})
    assert back["summary"]["incumbent"] == {"compared": 2, "worse": [], "more": 0}


def test_evaluation_17_the_same_adapter_is_not_worse_than_itself(
    evaluation: dict[str, Any], publish_adapter: Publish, dataset: dict[str, str]
) -> None:
    result, folder = run(evaluation | {"incumbent": publish_adapter(0.5, made_from(dataset))})
    assert {(row["delta"], row["verdict"]) for row in incumbent_of(folder)["results"]} == {(0, "Inconclusive")}
    assert result["summary"]["incumbent"]["worse"] == []


def test_evaluation_17_questions_that_the_promoted_adapter_was_trained_on_are_left_out(
    evaluation: dict[str, Any], publish_adapter: Publish, publish_dataset: Publish
) -> None:
    answer = "It sets limit 2 of the server. It must be a number. It must be a number."
    planted = publish_dataset({"recall": 1, "test": 1}, trained=[f"As told: {answer}"])
    result, folder = run(evaluation | {"incumbent": publish_adapter(0.3, made_from(planted))})
    told = incumbent_of(folder)
    assert told["trainedQuestions"] > 0
    samples = {row["split"]: row["samples"] for row in told["results"]}
    assert samples == {"recall": 10, "test": 7 - told["trainedQuestions"]}
    # the figures of base and tuned are of all of them
    assert {row["split"]: row["samples"] for row in table(result)} == {"recall": 10, "test": 7}


def test_evaluation_17_without_a_common_question_nothing_is_compared(
    evaluation: dict[str, Any], publish_adapter: Publish, store: Path
) -> None:
    folder = staging()
    rows = [row_of(split, number) | {"split": "train"} for split in ("recall", "test") for number in range(10)]
    (folder / "train.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows))
    planted = without_size(publish(folder, "datasets"))
    result, _folder = run(evaluation | {"incumbent": publish_adapter(0.3, made_from(planted))})
    told = result["summary"]["incumbent"]
    assert (told["compared"], told["worse"], told["problem"]["reason"]) == (0, [], "NoCommonQuestions")


def gone(_folder: Path) -> dict[str, str]:
    return {"uri": "pvc://doctune-artifacts/artifacts/adapters/gone", "digest": "sha256:" + "0" * 64}


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        (None, "ArtifactNotFound"),
        ({"baseModelRevision": "smollm2-135m@sha256:0"}, "OtherBaseModel"),
        ({"dataset": None}, "UnknownRows"),
        ({"dataset": gone(Path())}, "ArtifactNotFound"),
        ({"kind": "model"}, "InvalidAdapter"),
    ],
)
def test_evaluation_17_what_cannot_be_compared_costs_nothing_else(
    evaluation: dict[str, Any],
    publish_adapter: Publish,
    dataset: dict[str, str],
    manifest: dict[str, Any] | None,
    reason: str,
) -> None:
    plain, _folder = run(evaluation)
    incumbent = (
        gone(Path()) if manifest is None else publish_adapter(0.3, made_from(**({"dataset": dataset} | manifest)))
    )
    result, folder = run(evaluation | {"incumbent": incumbent})
    assert table(result) == table(plain)
    told = result["summary"]["incumbent"]
    assert (told["compared"], told["worse"], told["problem"]["reason"]) == (0, [], reason)
    assert f"Not compared, {reason}" in (folder / "report.md").read_text()


def test_evaluation_17_a_plain_adapter_is_put_beside_the_one_that_is_there_and_leaves_no_trace(
    adapter: dict[str, str], other: dict[str, str], store: Path
) -> None:
    import torch

    ids = torch.tensor([[1, 300, 301, 302]])

    def logits(model: Any) -> Any:
        with torch.inference_mode():
            return model(input_ids=ids).logits

    alone = load_subject(TINY, verified(other, "adapter"))
    with alone.acting_as("tuned") as model:
        expected = logits(model)
    subject = load_subject(TINY, verified(adapter, "adapter"))
    with subject.acting_as("tuned") as model:
        before = logits(model)
    source = source_of({"name": "x", "adapter": other, "baseModel": TINY})
    with opened_beside(subject, source) as model:
        # no second copy of the base
        assert model is subject.tuned
        assert torch.allclose(logits(model), expected, atol=1e-6)
    with subject.acting_as("tuned") as model:
        assert torch.equal(logits(model), before)
    with subject.acting_as("base") as model:
        assert torch.equal(logits(model), logits(load(TINY).model))
    assert list(subject.tuned.peft_config) == ["default"]


def test_evaluation_17_a_whole_model_is_loaded_apart(
    evaluation: dict[str, Any], dataset: dict[str, str], store: Path
) -> None:
    base = load(TINY)
    folder = staging()
    base.model.save_pretrained(folder / "model")
    base.tokenizer.save_pretrained(folder / "model")
    (folder / "manifest.json").write_text(
        json.dumps({"baseModelRevision": base.revision, "kind": "model", "dataset": dataset})
    )
    result, folder = run(evaluation | {"incumbent": without_size(publish(folder, "adapters"))})
    # it is the base model itself
    assert [row["base"] for row in incumbent_of(folder)["results"]] == pytest.approx(
        [row["base"] for row in table(result)], rel=1e-4
    )


def test_evaluation_17_benchmarks_are_asked_of_the_promoted_adapter_too(
    evaluation: dict[str, Any], publish_adapter: Publish, dataset: dict[str, str]
) -> None:
    evaluation |= {"metrics": ["perplexity"], "benchmarks": [GENERAL | {"maxItems": 6}]}
    result, folder = run(evaluation | {"incumbent": publish_adapter(0.0, made_from(dataset))})
    general = {row["metric"]: row for row in incumbent_of(folder)["results"] if row["split"] == "general"}
    own = {row["metric"]: row for row in table(result) if row["split"] == "general"}
    assert {metric: row["samples"] for metric, row in general.items()} == {
        metric: row["samples"] for metric, row in own.items()
    }
    # an adapter that changes nothing answers as the base does
    assert general["accuracy"]["base"] == pytest.approx(own["accuracy"]["base"])
    assert general["accuracy"]["samples"] > 0


def test_evaluation_17_progress_counts_the_items_of_the_promoted_adapter(
    evaluation: dict[str, Any], other: dict[str, str]
) -> None:
    recorder = Recorder()
    evaluate(evaluation | {"incumbent": other}, recorder, Termination())
    percents = [percent for percent, _metrics, _remaining in recorder.reports]
    assert percents == sorted(percents) and percents[-1] == 100
    assert {metrics["items_total"] for _percent, metrics, _remaining in recorder.reports} == {51}
    assert recorder.reports[-1][1]["items_done"] == 51
