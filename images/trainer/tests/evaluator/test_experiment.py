"""Experiments: what differs between trainings is found out, and told in five sections and two languages."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evaluator.candidates import Contestant, Lineup
from evaluator.experiment.document import html, markdown
from evaluator.experiment.runs import Run, differences, read_run, uncontrolled
from evaluator.further import Context, Further, add_experiment
from evaluator.items import Item
from evaluator.progress import Progress
from evaluator.samples import Sample
from evaluator.table import Answers, compare_groups, correct, pairs_of
from tests.evaluator.test_benchmarks import GENERAL
from tests.evaluator.test_evaluate import failure, run
from worker.leaves import leaves
from worker.progress import Reporter
from worker.store import artifact_folder, publish, staging
from worker.termination import Termination

Publish = Callable[..., dict[str, str]]


def record(folder: Path, **changes: Any) -> None:
    """What the trainer writes beside an adapter."""
    batch, accumulation = changes.get("batch", 2), changes.get("accumulation", 4)
    training = {
        "learningRate": 1e-4,
        "perDeviceBatchSize": batch,
        "gradientAccumulationSteps": accumulation,
        "seed": 42,
    }
    told = {
        "input": {
            "version": 1,
            "run": {"name": folder.name},
            "dataset": changes.get("dataset", {"uri": "pvc://a/b", "digest": "sha256:0"}),
            "training": training | changes.get("training", {}),
        },
        "settings": {"batch_size": batch, "accumulation": accumulation, "world_size": 1, "total_steps": 20},
        "baseModelRevision": "tiny",
        "environment": {"devices": []},
        "history": [{"step": step, "loss": 5 / step} for step in range(1, 21)] + [{"step": 20, "eval_loss": 0.4}],
        "final": {"loss": 0.25, "evalLoss": 0.4},
        "rows": {"train": 48},
        **changes.get("resolved", {}),
    }
    told["settings"]["precision"] = changes.get("precision", "fp32")
    (folder / "experiment_results.json").write_text(json.dumps(told))


def experiment(evaluation: dict[str, Any], publish_adapter: Publish, *others: dict[str, Any]) -> dict[str, Any]:
    def made(strength: float, changes: dict[str, Any]) -> dict[str, str]:
        return publish_adapter(strength, lambda folder: record(folder, **changes))

    named = {"dataset": evaluation["dataset"], "baseModel": evaluation["baseModel"]}
    candidates = [
        {"name": f"run-{number}", **named, "adapter": made(0.3 + number / 10, each)}
        for number, each in enumerate(others)
    ]
    return evaluation | {
        "metrics": ["bleu"],
        "adapter": made(0.5, {}),
        "candidates": candidates,
        "experiment": {"variables": ["training.learningRate"]},
    }


def test_evaluation_10_a_controlled_experiment_has_its_report_in_two_languages(
    evaluation: dict[str, Any], publish_adapter: Publish
) -> None:
    value = experiment(
        evaluation,
        publish_adapter,
        {"training": {"learningRate": 1e-3}},
        # the same rows a step, divided in another way
        {"training": {"learningRate": 1e-2}, "batch": 4, "accumulation": 2},
    )
    result, folder = run(value)
    assert "NotControlled" not in result["summary"]["notes"]
    report = json.loads((folder / "experiment.json").read_text())
    assert report["differences"] == {"training.learningRate": [1e-4, 1e-3, 1e-2]}
    assert [each["name"] for each in report["runs"]] == ["tuned", "run-0", "run-1"]
    assert {row["candidate"] for row in report["results"]} == {"tuned", "run-0", "run-1"}
    english, chinese = ((folder / f"experiment.{language}.md").read_text() for language in ("en", "zh"))
    for text, titles in (
        (english, ["1. Purpose", "2. Data", "3. Parameters", "4. Effect", "5. Conclusion"]),
        (chinese, ["1. 实验目的", "2. 实验数据", "3. 实验参数", "4. 实验效果", "5. 实验结论"]),
    ):
        assert [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")] == titles
    assert "Nothing but the declared variable differs" in english
    assert report["firstRun"] == "tuned"
    assert {row["candidate"] for row in report["betweenRuns"]} == {"run-0", "run-1"}
    firsts = {(row["candidate"], row["split"]): row["tuned"] for row in report["results"]}
    assert all(row["base"] == firsts["tuned", row["split"]] for row in report["betweenRuns"])
    assert all(row["tuned"] == firsts[row["candidate"], row["split"]] for row in report["betweenRuns"])
    # the table of the evaluation has no more figures than without an experiment
    assert json.loads((folder / "report.json").read_text())["correction"]["figures"] == len(report["results"])
    page = (folder / "experiment.zh.html").read_text()
    assert '<html lang="zh">' in page and "data:image/png;base64," in page and "<table>" in page
    assert (folder / "curves.zh.png").read_bytes().startswith(b"\x89PNG")


WRONG, RIGHT = "I cannot say anything about that one", "option {} sets the limit of the server to {} requests"
SETTINGS = ("short", "long")


def answered(answers: dict[str, list[str]], settings: tuple[str, ...]) -> tuple[Context, list[Run]]:
    """24 items that all models have answered under all settings; a run of each model but the base."""
    items = [
        Item(str(number), "test", "en", [{"role": "user", "content": "?"}, {"role": "assistant", "content": right}])
        for number, right in enumerate(answers["right"])
    ]

    def samples(model: str, setting: str) -> list[Sample]:
        return [
            Sample(item.id, "test", model, setting, False, said, 9, True, None, 9)
            for item, said in zip(items, answers[model], strict=True)
        ]

    models = [name for name in answers if name != "right"]
    groups = [Answers("test", each, items, {model: samples(model, each) for model in models}) for each in settings]
    tokenizer: Any = object()
    opened: Any = None
    lineup = Lineup(opened, [Contestant(name, tokenizer, 99, {}, opened, "tiny") for name in models], "base")
    value = {
        "metrics": ["bleu"],
        "bootstrapSamples": 1000,
        "seed": 1,
        "settings": [{"name": name} for name in settings],
        "experiment": {"variables": ["training.learningRate"]},
    }
    pairs = pairs_of("base", lineup.candidates, value["metrics"], lineup.same_tokens)
    progress, termination = Progress(Reporter(None)), Termination()
    runs = [
        Run(name, {"training.learningRate": number}, [{"step": 1, "loss": 1.0}], {}, 1)
        for number, name in enumerate(models[1:])
    ]
    return Context(value, lineup, groups, pairs, [], frozenset(), progress, termination, False), runs


def told(context: Context, runs: list[Run]) -> tuple[dict[str, Any], dict[str, str | bytes]]:
    """The content of experiment.json, and all files."""
    further = Further()
    draw = context.draw
    figures = compare_groups(context.groups, context.pairs, context.known, draw.resamples, draw.seed)
    add_experiment(context, correct(figures), runs, further)
    [part] = further.parts
    return json.loads(part.files["experiment.json"]), dict(part.files)


def test_evaluation_9_runs_that_are_all_better_than_the_base_are_compared_with_the_first_of_them() -> None:
    right = [RIGHT.format(number, 7 * number) for number in range(24)]
    half = [said if number % 2 else WRONG for number, said in enumerate(right)]
    models = {"right": right, "base": [WRONG] * 24, "tuned": half, "same": half, "more": right}
    report, files = told(*answered(models, ("default",)))
    assert {row["candidate"]: row["verdict"] for row in report["results"]} == {
        "tuned": "Better",
        "same": "Better",
        "more": "Better",
    }
    same, more = report["betweenRuns"]
    assert (same["candidate"], same["delta"], same["ci95"], same["verdict"]) == ("same", 0, [0, 0], "Inconclusive")
    assert (more["candidate"], more["base"], more["tuned"], more["verdict"]) == ("more", same["base"], 100, "Better")
    # a family of two figures
    assert more["pAdjusted"] == pytest.approx(2 * more["p"])
    for language in ("en", "zh"):
        text = str(files[f"experiment.{language}.md"])
        between = [line for line in text.split("## 5")[1].splitlines() if "`tuned`" in line and "`base`" not in line]
        assert [line.split("`")[1] for line in between] == ["more"]
        assert "setting" not in text and "设置" not in text
    assert "- `more` against `tuned`, bleu on test: " in str(files["experiment.en.md"])
    assert "- `more` 与 `tuned` 相比，test 上的 bleu：" in str(files["experiment.zh.md"])


def test_evaluation_9_runs_between_which_there_is_no_difference_are_not_told_to_be_the_same() -> None:
    right = [RIGHT.format(number, 7 * number) for number in range(24)]
    models = {"right": right, "base": [WRONG] * 24, "tuned": right, "same": right}
    report, files = told(*answered(models, ("default",)))
    assert [row["verdict"] for row in report["betweenRuns"]] == ["Inconclusive"]
    assert "No difference from `tuned` is beyond chance" in str(files["experiment.en.md"]).split("## 5")[1]
    assert "与 `tuned` 相比，没有超出偶然的差异" in str(files["experiment.zh.md"]).split("## 5")[1]


def test_evaluation_10_of_several_settings_each_row_and_each_conclusion_names_its_own() -> None:
    right = [RIGHT.format(number, 7 * number) for number in range(24)]
    models = {"right": right, "base": [WRONG] * 24, "tuned": [WRONG] * 24, "more": right}
    _report, files = told(*answered(models, SETTINGS))
    english, chinese = (str(files[f"experiment.{language}.md"]) for language in ("en", "zh"))
    for text, title in ((english, "setting"), (chinese, "设置")):
        tables = [line.split(" | ") for line in text.split("## 4")[1].splitlines() if line.startswith("| ")]
        assert [row[2] for row in tables if row[0] == "| more" and len(row) > 4] == ["short", "long"] * 2
        assert [row[2] for row in tables if title in row] == [title] * 2
    for setting in SETTINGS:
        assert f"- `more` against `tuned`, bleu on test ({setting}): " in english
        assert f"- `more` 与 `tuned` 相比，test（{setting}）上的 bleu：" in chinese


def test_evaluation_8_what_runs_have_kept_of_benchmarks_is_compared_between_them(
    evaluation: dict[str, Any], publish_adapter: Publish
) -> None:
    value = experiment(evaluation, publish_adapter, {"training": {"learningRate": 1e-3}})
    _result, folder = run(value | {"benchmarks": [GENERAL | {"maxItems": 20}]})
    report = json.loads((folder / "experiment.json").read_text())
    kept = {row["metric"]: row for row in report["betweenRuns"] if row["split"] == "general"}
    assert set(kept) == {"accuracy", "retention", "worstSubject", "perplexity"}
    assert kept["retention"]["base"] == 100 and kept["perplexity"]["candidate"] == "run-0"


def test_evaluation_10_what_else_differs_is_named_the_effective_batch_too(
    evaluation: dict[str, Any], publish_adapter: Publish
) -> None:
    value = experiment(evaluation, publish_adapter, {"training": {"learningRate": 1e-3, "seed": 7}, "batch": 4})
    result, folder = run(value)
    assert "NotControlled" in result["summary"]["notes"]
    report = json.loads((folder / "experiment.json").read_text())
    assert report["notControlled"] == ["training.perDeviceBatchSize", "training.seed", "effectiveBatch"]
    assert "**NotControlled**" in (folder / "experiment.en.md").read_text()
    assert "effectiveBatch" in (folder / "experiment.zh.md").read_text()


def resolved(name: str, **others: Any) -> dict[str, Any]:
    told = {"method": {"asked": "Auto", "name": name}, "interventions": [], "libraries": {"torch": "2.9.0"}}
    return {"resolved": told | others}


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (resolved("QLoRA"), ["method.chosen"]),
        (resolved("LoRA") | {"precision": "bf16"}, ["training.precision.chosen"]),
        (
            resolved("LoRA", interventions=[{"kind": "RollBack", "step": 10, "cause": "the loss went up"}]),
            ["interventions"],
        ),
        (resolved("LoRA", libraries={"torch": "2.10.0"}), ["libraries.torch"]),
    ],
    ids=["method", "precision", "intervention", "library"],
)
def test_evaluation_10_what_was_resolved_is_compared_and_not_what_was_asked(
    tmp_path: Path, other: dict[str, Any], expected: list[str]
) -> None:
    runs = []
    for name, changes in (("one", resolved("LoRA")), ("two", other), ("same", resolved("LoRA"))):
        (tmp_path / name).mkdir()
        record(tmp_path / name, **changes)
        runs.append(read_run(name, tmp_path / name, {}))
    assert uncontrolled(differences(runs), ["training.learningRate"]) == expected
    assert differences([runs[0], runs[2]]) == {}
    # a variable is what was asked for, and what came of it
    assert uncontrolled(differences(runs), ["method", "training.precision", "interventions", "libraries"]) == []


def test_evaluation_10_a_variable_that_does_not_vary_is_told(
    evaluation: dict[str, Any], publish_adapter: Publish
) -> None:
    value = experiment(evaluation, publish_adapter, {"training": {"seed": 7}})
    result, _folder = run(value)
    assert result["summary"]["notes"][-2:] == ["NotControlled", "NotVaried"]


def test_evaluation_10_one_run_or_one_without_a_record_is_refused(
    evaluation: dict[str, Any], publish_adapter: Publish
) -> None:
    value = experiment(evaluation, publish_adapter)
    assert (failure(value).code, failure(value).reason) == (10, "OneRun")
    named = {"dataset": evaluation["dataset"], "baseModel": evaluation["baseModel"]}
    other = {"name": "old", **named, "adapter": publish_adapter(0.3)}
    failed = failure(value | {"candidates": [other]})
    assert (failed.code, failed.reason) == (11, "NoRecord")
    assert 'artifact of "old"' in failed.message


def test_evaluation_10_steps_follow_from_a_declared_variable() -> None:
    runs = [Run(str(n), {"training.epochs": n, "steps": 10 * n, "lora.rank": 8}, [], {}, 1) for n in (1, 2)]
    assert uncontrolled(differences(runs), ["training.epochs"]) == []
    assert uncontrolled(differences(runs), ["lora"]) == ["training.epochs", "steps"]
    assert leaves({"a": {"b": 1, "c": {"d": [2]}}}) == {"a.b": 1, "a.c.d": [2]}


def test_evaluation_10_a_factor_of_the_effective_batch_can_be_the_variable() -> None:
    runs = [Run(str(n), {"training.perDeviceBatchSize": n, "effectiveBatch": n}, [], {}, 1) for n in (1, 2)]
    assert uncontrolled(differences(runs), ["training.perDeviceBatchSize"]) == []
    assert uncontrolled(differences(runs), ["lora"]) == ["training.perDeviceBatchSize", "effectiveBatch"]


def with_history(dataset: dict[str, str], turns: int | None, **others: Any) -> dict[str, str]:
    """The dataset as it were with so many turns of each conversation, by its manifest."""
    copy = staging()
    shutil.copytree(artifact_folder(dataset, "dataset"), copy, dirs_exist_ok=True)
    made = {"name": "import", "historyTurns": turns, "factsFound": turns or 9}
    (copy / "manifest.json").write_text(json.dumps({"version": 1, "generator": made, "seed": 42, **others}))
    published = publish(copy, "datasets")
    return {"uri": published["uri"], "digest": published["digest"]}


def test_capability_23_short_and_long_history_are_one_variable(
    evaluation: dict[str, Any], publish_adapter: Publish
) -> None:
    def compare(**others: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        datasets = [
            with_history(evaluation["dataset"], None),
            with_history(evaluation["dataset"], 1, **others),
        ]
        own, other = (
            publish_adapter(0.3 + number / 10, lambda folder, each=each: record(folder, dataset=each))
            for number, each in enumerate(datasets)
        )
        candidate = {"name": "short", "baseModel": evaluation["baseModel"], "dataset": datasets[1], "adapter": other}
        experiment = {"variables": ["dataset.generator.historyTurns"]}
        value = evaluation | {"dataset": datasets[0], "adapter": own, "metrics": ["bleu"]}
        result, folder = run(value | {"candidates": [candidate], "experiment": experiment})
        return result, json.loads((folder / "experiment.json").read_text())

    result, report = compare()
    assert report["differences"]["dataset.generator.historyTurns"] == [None, 1]
    assert report["notControlled"] == [] and "NotControlled" not in result["summary"]["notes"]
    result, report = compare(seed=7)
    assert report["notControlled"] == ["dataset.seed"] and "NotControlled" in result["summary"]["notes"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_evaluation_10_no_name_becomes_markup(language: str) -> None:
    report = {
        "variables": ["<script>x</script>"],
        "baseline": "base",
        "items": 1,
        "runs": [{"name": "<b>", "rows": 1, "final": {}}],
        "differences": {},
        "same": 3,
        "notControlled": [],
        "notVaried": [],
        "results": [],
        "firstRun": "<b>",
        "betweenRuns": [],
        "people": {"wins": 3, "ties": 1, "losses": 0},
    }
    page = html(report, language, b"png")
    assert "<script>" not in page and "<b>" not in page
    assert "3" in markdown(report, language, "x.png").split("## 4")[1]
