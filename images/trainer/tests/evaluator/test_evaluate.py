"""Whole evaluations of `tiny`, in this process."""

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from evaluator.evaluate import evaluate
from tests.evaluator.conftest import row as row_of
from tests.evaluator.conftest import without_size
from worker.contract import problem
from worker.failure import WorkerFailure
from worker.progress import Reporter
from worker.store import publish, staging, verified
from worker.termination import Termination


class Recorder(Reporter):
    def __init__(self) -> None:
        super().__init__(None)
        self.reports: list[tuple[float, dict[str, float], float | None]] = []

    def post(self, percent: float, metrics: dict[str, float], remaining_seconds: float | None = None) -> None:
        self.reports.append((percent, metrics, remaining_seconds))


def run(value: dict[str, Any], reporter: Reporter | None = None) -> tuple[dict[str, Any], Path]:
    """The result and the folder of the report."""
    assert problem("evaluate-input", value) is None
    result = evaluate(value, reporter or Reporter(None), Termination())
    assert problem("evaluate-result", result) is None
    return result, verified(result["artifact"], "report")


METRICS = ["bleu", "chrf", "rougeL", "exactMatch", "f1", "termRecall", "inventedSymbols", "perplexity", "bitsPerByte"]
NAMES = ("metric", "split", "setting", "base", "tuned", "delta", "low", "high", "samples", "p", "verdict")


def table(result: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of a result with the names of their figures."""
    settings = result["summary"]["settings"]
    rows = (dict(zip(NAMES, row, strict=True)) for row in result["summary"]["results"])
    return [row | {"setting": settings[row["setting"]]} for row in rows]


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "samples.jsonl").read_text().splitlines()]


def test_an_evaluation_compares_both_models_on_every_row_of_every_split(evaluation: dict[str, Any]) -> None:
    result, folder = run(evaluation)
    results = table(result)
    assert [(row["split"], row["metric"], row["samples"]) for row in results] == [
        (split, metric, number)
        for split, number in (("recall", 10), ("test", 7))
        for metric in ("bleu", "chrf", "perplexity")
    ]
    first = results[0]
    assert result["message"].startswith(
        f"recall: bleu {first['base']:.2f} -> {first['tuned']:.2f} ({first['verdict']}), "
    )
    assert result["summary"]["report"] == {key: result["artifact"][key] for key in ("uri", "digest")}
    samples = lines(folder)
    assert len(samples) == 17
    assert all(sample["base"]["output"] != sample["tuned"]["output"] for sample in samples)
    recall = [sample for sample in samples if sample["split"] == "recall"]
    tuned = BLEU().corpus_score([each["tuned"]["output"] for each in recall], [[each["reference"] for each in recall]])
    assert first["tuned"] == pytest.approx(tuned.score, abs=1e-4)
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, check=True)


def test_evaluation_3_further_right_answers_of_a_row_count_in_the_figures(
    evaluation: dict[str, Any], store: Path
) -> None:
    plain, folder = run(evaluation | {"splits": ["test"], "metrics": ["bleu", "chrf", "exactMatch", "f1", "rougeL"]})
    said = {each["id"]: each["tuned"]["output"] for each in lines(folder)}
    made = staging()
    rows = [row_of("test", number) for number in range(7)]
    # what the tuned model says is right for three of the questions
    right = {each["id"]: [said[each["id"]], "Something else."] for each in rows[:3] if said[each["id"]].strip()}
    assert right
    text = (json.dumps(each | ({"references": right[each["id"]]} if each["id"] in right else {})) for each in rows)
    (made / "test.jsonl").write_text("\n".join(text))
    dataset = without_size(publish(made, "datasets"))
    asked = evaluation | {"splits": ["test"], "metrics": ["bleu", "chrf", "exactMatch", "f1", "rougeL"]}
    result, folder = run(asked | {"dataset": dataset})
    before, after = ({each["metric"]: each for each in table(one)} for one in (plain, result))
    assert after["exactMatch"]["tuned"] == pytest.approx(100 * len(right) / 7, rel=1e-4)
    for metric in ("bleu", "chrf", "f1", "rougeL"):
        assert after[metric]["tuned"] > before[metric]["tuned"]
    shown = {each["id"]: each for each in lines(folder)}
    streams = [
        [(shown[each["id"]].get("references") or [shown[each["id"]]["reference"]])[place:][:1] for each in rows]
        for place in range(3)
    ]
    expected = BLEU().corpus_score(
        [shown[each["id"]]["tuned"]["output"] for each in rows],
        [[one[0] if one else None for one in stream] for stream in streams],
    )
    assert after["bleu"]["tuned"] == pytest.approx(expected.score, abs=1e-4)
    signatures = json.loads((folder / "report.json").read_text())["signatures"]
    assert signatures["bleu (13a)"].startswith("nrefs:var|")
    assert "Something else." in (folder / "report.md").read_text()


def test_evaluation_3_chrf_plus_plus_and_bleu_of_characters_are_those_of_their_tools(
    evaluation: dict[str, Any],
) -> None:
    metrics = ["chrfPlusPlus", "bleu4_char_llamafactory"]
    result, folder = run(evaluation | {"splits": ["test"], "metrics": metrics})
    said = [(each["tuned"]["output"], each["reference"]) for each in lines(folder)]
    figures = {row["metric"]: row["tuned"] for row in table(result)}
    outputs, references = [one for one, _ in said], [other for _, other in said]
    expected = CHRF(word_order=2).corpus_score(outputs, [references]).score
    assert figures["chrfPlusPlus"] == pytest.approx(expected, rel=1e-5)
    smoothing = SmoothingFunction().method3
    own = [100 * sentence_bleu([list(right)], list(text), smoothing_function=smoothing) for text, right in said]
    assert figures["bleu4_char_llamafactory"] == pytest.approx(sum(own) / 7, rel=1e-5)
    signed = json.loads((folder / "report.json").read_text())["signatures"]
    assert set(metrics) < set(signed)
    assert "chrfPlusPlus | nrefs:1 case:mixed eff:yes nc:6 nw:2" in (folder / "report.md").read_text()


def test_the_report_says_what_each_split_answers_and_on_what_it_rests(evaluation: dict[str, Any]) -> None:
    result, folder = run(evaluation)
    text = (folder / "report.md").read_text()
    for part in (
        "| model | split | setting | metric | baseline | candidate | difference | 95 % interval | samples | p |"
        " detectable | better / worse / same | verdict |",
        "`recall` asks for trained facts in other words: has the model learned these documents?",
        "`test` asks about documents that were not trained: what did the training cost or bring elsewhere?",
        "never averaged",
        "Note on the base model: untrained model with random weights",
        evaluation["dataset"]["digest"],
        evaluation["adapter"]["digest"],
        "bleu (13a) | nrefs:1 case:mixed eff:no tok:13a smooth:exp version:",
        "## Samples: recall, setting default",
    ):
        assert part in text
    report = json.loads((folder / "report.json").read_text())
    assert [row["verdict"] for row in report["results"]] == [row["verdict"] for row in table(result)]
    for row in report["outputs"]:
        answers = [each[row["model"]] for each in lines(folder) if each["split"] == row["split"]]
        assert row["unended"] == sum(not answer["hasEnded"] for answer in answers) > 0
        assert row["empty"] == sum(answer["output"] == "" for answer in answers)
    assert {"torch", "transformers", "peft", "sacrebleu"} <= set(report["libraries"])


def test_an_adapter_that_changes_nothing_is_inconclusive_in_every_row(
    evaluation: dict[str, Any], publish_adapter: Callable[..., dict[str, str]]
) -> None:
    result, folder = run(evaluation | {"adapter": publish_adapter(0.0)})
    for row in table(result):
        assert (row["delta"], row["verdict"]) == (0.0, "Inconclusive")
        assert row["base"] == row["tuned"]
    assert all(sample["base"] == sample["tuned"] for sample in lines(folder))


def test_the_same_input_gives_the_same_report(evaluation: dict[str, Any], store: Path) -> None:
    first, _folder = run(evaluation)
    shutil.rmtree(store / "cache")
    second, _folder = run(evaluation)
    assert first == second


def test_batches_change_no_figure(evaluation: dict[str, Any], store: Path) -> None:
    evaluation["metrics"] = ["perplexity"]
    figures = []
    for size in (1, 3, 17):
        shutil.rmtree(store / "cache", ignore_errors=True)
        results = table(run(evaluation | {"batchSize": size})[0])
        figures.append([row[key] for row in results for key in ("base", "tuned")])
    assert figures[0] == pytest.approx(figures[1], rel=1e-4)
    assert figures[0] == pytest.approx(figures[2], rel=1e-4)


def test_a_sample_is_drawn_by_the_seed_and_keeps_its_rows_when_it_grows(evaluation: dict[str, Any]) -> None:
    def drawn(**changed: Any) -> set[str]:
        return {sample["id"] for sample in lines(run(evaluation | changed)[1]) if sample["split"] == "recall"}

    evaluation |= {"metrics": ["perplexity"]}
    four = drawn(maxSamples=4)
    assert len(four) == 4
    assert four < drawn(maxSamples=6)
    assert four != drawn(maxSamples=4, seed=43)


def test_settings_are_a_matrix_and_a_cut_prompt_is_counted(evaluation: dict[str, Any]) -> None:
    evaluation["settings"] = [
        {"name": "short", "maxInputTokens": 12, "maxNewTokens": 2},
        {"name": "long", "maxInputTokens": 512, "maxNewTokens": 6},
    ]
    result, folder = run(evaluation | {"splits": ["test"]})
    assert [row["setting"] for row in table(result)] == ["short"] * 3 + ["long"] * 3
    outputs = json.loads((folder / "report.json").read_text())["outputs"]
    assert [(row["setting"], row["promptsCut"]) for row in outputs] == [("short", 7)] * 2 + [("long", 0)] * 2
    short, long = ([s for s in lines(folder) if s["setting"] == name] for name in ("short", "long"))
    assert all(one["base"]["loss"] != other["base"]["loss"] for one, other in zip(short, long, strict=True))


def test_only_what_is_asked_for_is_computed(evaluation: dict[str, Any]) -> None:
    _result, folder = run(evaluation | {"metrics": ["perplexity"]})
    assert all(sample["base"]["output"] is None and sample["base"]["bleu"] is None for sample in lines(folder))
    _result, folder = run(evaluation | {"metrics": ["bleu"]})
    assert all(sample["tuned"]["loss"] is None and sample["tuned"]["output"] for sample in lines(folder))


def test_progress_counts_items_of_both_models(evaluation: dict[str, Any], store: Path) -> None:
    recorder = Recorder()
    # other tests have asked the same
    shutil.rmtree(store / "cache", ignore_errors=True)
    evaluate(evaluation, recorder, Termination())
    done = [metrics["items_done"] for _percent, metrics, _remaining in recorder.reports]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, 34)
    assert {metrics["items_total"] for _percent, metrics, _remaining in recorder.reports} == {34}
    assert recorder.reports[0][2] is None
    assert recorder.reports[1][2] > recorder.reports[-1][2] == 0
    assert recorder.reports[-1][0] == 100


def failure(value: dict[str, Any]) -> WorkerFailure:
    with pytest.raises(WorkerFailure) as failed:
        evaluate(value, Reporter(None), Termination())
    return failed.value


def strict(text: str) -> Any:
    """JSON as others read it, which has no number that is not finite."""

    def refuse(name: str) -> Any:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(text, parse_constant=refuse)


def test_evaluation_4_a_model_with_broken_weights_has_no_value_and_the_run_a_verdict(
    evaluation: dict[str, Any], publish_adapter: Callable[..., dict[str, str]]
) -> None:
    evaluation |= {"adapter": publish_adapter(float("nan")), "metrics": ["bleu", "perplexity", "bitsPerByte"]}
    result, folder = run(evaluation)
    for row in table(result):
        if row["metric"] != "bleu":
            assert row["base"] > 0
            assert (row["tuned"], row["delta"], row["low"], row["p"]) == (None, None, None, None)
            assert row["verdict"] == "Inconclusive"
    assert "perplexity" in result["message"] and "-> not finite (Inconclusive)" in result["message"]
    report = strict((folder / "report.json").read_text())
    assert result["summary"]["notes"] == ["LogitsNotFinite"]
    assert report["notes"][0]["message"].startswith(
        '"tuned" has no finite likelihood for 17 of 17 items of the dataset'
    )
    wins = next(row["wins"] for row in report["results"] if row["metric"] == "perplexity")
    assert (wins["better"], wins["worse"], wins["same"]) == (0, 10, 0)
    samples = [strict(line) for line in (folder / "samples.jsonl").read_text().splitlines()]
    assert all(sample["tuned"]["loss"] is None and sample["base"]["loss"] > 0 for sample in samples)
    # what was kept says the same
    assert run(evaluation)[0] == result


@pytest.mark.parametrize(("rows", "reason"), [({"test": 3}, "MissingSplit"), ({"test": 3, "recall": 0}, "EmptySplit")])
def test_a_split_without_rows_is_refused(
    evaluation: dict[str, Any], publish_dataset: Callable[..., dict[str, str]], rows: dict[str, int], reason: str
) -> None:
    failed = failure(evaluation | {"dataset": publish_dataset(rows)})
    assert (failed.code, failed.reason) == (11, reason)
    assert 'split "recall"' in failed.message
    assert 'take "recall" out of dataset.splits' in failed.message


def test_an_adapter_of_another_base_model_is_refused(
    evaluation: dict[str, Any], publish_adapter: Callable[..., dict[str, str]]
) -> None:
    def harm(folder: Path) -> None:
        (folder / "manifest.json").write_text('{"baseModelRevision": "smollm2-135m@sha256:0"}')

    failed = failure(evaluation | {"adapter": publish_adapter(0.5, harm)})
    assert (failed.code, failed.reason) == (12, "BaseModelMismatch")
    assert failed.message.startswith(
        'the adapter was trained on "smollm2-135m@sha256:0" and baseModel is "tiny@sha256:'
    )


def test_an_adapter_with_another_tokenizer_is_refused(
    evaluation: dict[str, Any], publish_adapter: Callable[..., dict[str, str]]
) -> None:
    def harm(folder: Path) -> None:
        template = folder / "adapter" / "chat_template.jinja"
        template.write_text(template.read_text().replace("<|turn|>", "<|pad|>"))

    failed = failure(evaluation | {"adapter": publish_adapter(0.5, harm)})
    assert (failed.code, failed.reason) == (12, "TokenizerMismatch")
    assert "chat template" in failed.message


@pytest.mark.parametrize("lost", ["manifest.json", "adapter/adapter_config.json"])
def test_an_adapter_with_a_part_missing_is_refused(
    evaluation: dict[str, Any], publish_adapter: Callable[..., dict[str, str]], lost: str
) -> None:
    failed = failure(evaluation | {"adapter": publish_adapter(0.5, lambda folder: (folder / lost).unlink())})
    assert (failed.code, failed.reason) == (11, "InvalidAdapter")


def test_a_setting_longer_than_the_model_is_refused(evaluation: dict[str, Any]) -> None:
    evaluation["settings"] = [{"name": "endless", "maxInputTokens": 512, "maxNewTokens": 2048}]
    failed = failure(evaluation)
    assert (failed.code, failed.reason) == (10, "ContextTooShort")
    assert 'settings "endless": maxNewTokens 2048' in failed.message


def test_as_many_rows_as_the_contract_allows_fit_the_termination_message(evaluation: dict[str, Any]) -> None:
    evaluation["settings"] = [
        {"name": f"{number}" * 63, "maxInputTokens": 64, "maxNewTokens": 2} for number in range(2)
    ]
    evaluation["metrics"] = METRICS
    result, folder = run(evaluation)
    assert len(result["summary"]["results"]) == 36
    assert len(json.dumps(result, separators=(",", ":"), ensure_ascii=False).encode()) <= 4096
    verdicts = Counter(row["verdict"] for row in table(result))
    assert result["message"] == "{Better} Better, {Worse} Worse, {Inconclusive} Inconclusive".format_map(
        verdicts | Counter(Better=0, Worse=0, Inconclusive=0)
    )
    report = json.loads((folder / "report.json").read_text())
    assert report["correction"] == {"method": "Holm", "level": 0.05, "figures": 36}
    assert {row["metric"] for row in report["results"]} == set(METRICS)


def test_evaluation_13_answers_that_are_none_are_counted_by_model(evaluation: dict[str, Any]) -> None:
    result, folder = run(evaluation)
    report = json.loads((folder / "report.json").read_text())
    for model, share in result["summary"]["degenerate"].items():
        own = [row for row in report["outputs"] if row["model"] == model]
        assert share == pytest.approx(sum(row["degenerate"] for row in own) / 17, abs=1e-4)
    assert run(evaluation | {"metrics": ["perplexity"]})[0]["summary"]["degenerate"] is None


def test_evaluation_14_a_planted_question_is_scored_apart(
    evaluation: dict[str, Any], publish_dataset: Callable[..., dict[str, str]]
) -> None:
    answer = "It sets limit 2 of the server. It must be a number. It must be a number."
    planted = publish_dataset({"recall": 10, "test": 7}, trained=[f"As said: {answer}"])
    result, folder = run(evaluation | {"dataset": planted})
    assert result["summary"]["contaminated"] == {"test": 2}
    assert {(row["split"], row["samples"]) for row in table(result)} == {("recall", 10), ("test", 5)}
    report = json.loads((folder / "report.json").read_text())
    assert {(row["split"], row["samples"]) for row in report["contaminated"]} == {("test", 2)}
    assert "## Contaminated questions" in (folder / "report.md").read_text()


def test_evaluation_14_a_split_of_trained_questions_alone_is_refused(
    evaluation: dict[str, Any], publish_dataset: Callable[..., dict[str, str]]
) -> None:
    answer = "It sets limit 2 of the server. It must be a number. It must be a number."
    failed = failure(evaluation | {"splits": ["test"], "dataset": publish_dataset({"test": 0}, [answer], [answer])})
    assert (failed.code, failed.reason) == (11, "Contaminated")
    assert 'every question of the split "test"' in failed.message
