"""Benchmarks: the figures of lm-eval itself, what is kept and lost, and code that runs where it can do no harm."""

import itertools
import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import mcnemar

from evaluator import candidates
from evaluator.benchmarks import coding, harness
from evaluator.benchmarks.coding import program
from evaluator.benchmarks.findings import compare_benchmarks
from evaluator.benchmarks.harness import Score
from evaluator.benchmarks.loading import check_benchmark, load_drawn
from evaluator.benchmarks.metrics import has_no_likelihood
from evaluator.benchmarks.retention import (
    RETENTION,
    WORST_SUBJECT,
    compare_retention,
    compare_worst_subject,
    retention_statistics,
)
from evaluator.benchmarks.sandbox import Outcome, run_code
from evaluator.benchmarks.tasks import Benchmark, draw, folder_digest, read_benchmark
from evaluator.table import Pair, correct
from tests.evaluator.test_evaluate import failure, run, strict, table
from worker.failure import WorkerFailure
from worker.models import load
from worker.store import verified

TASKS = Path(__file__).parent / "tasks"
GENERAL = {"name": "general", "path": str(TASKS / "general"), "maxItems": 100, "chatTemplate": False}
CODE = {"name": "code", "path": str(TASKS / "code"), "maxItems": 100, "chatTemplate": False}
SUMS = {"name": "sums", "path": str(TASKS / "sums"), "maxItems": 100, "chatTemplate": False}


def itself(
    model: Any, tokenizer: Any, places: dict[str, list[int]], is_chat: bool, benchmark: dict[str, Any] = GENERAL
) -> dict[str, Any]:
    """What lm-eval says when it is asked as its own command line asks it, with its samples."""
    import lm_eval
    from lm_eval.models.huggingface import HFLM

    tasks = [dict(each) for each in read_benchmark(benchmark).tasks]
    lm = HFLM(pretrained=model, tokenizer=tokenizer, batch_size=4)
    chat = {"apply_chat_template": is_chat, "fewshot_as_multiturn": is_chat}
    return lm_eval.simple_evaluate(model=lm, tasks=tasks, samples=places, bootstrap_iters=0, **chat)


@pytest.mark.parametrize("is_chat", [False, True], ids=["text", "chat"])
def test_evaluation_2_the_figures_are_those_of_lm_eval_itself(evaluation: dict[str, Any], is_chat: bool) -> None:
    from peft import PeftModel

    benchmark = GENERAL | {"maxItems": 24, "chatTemplate": is_chat}
    result, folder = run(evaluation | {"metrics": ["bleu"], "benchmarks": [benchmark]})
    report = json.loads((folder / "report.json").read_text())["benchmarks"]["results"]
    items = [json.loads(line) for line in (folder / "benchmarks.jsonl").read_text().splitlines()]
    places = {task: sorted({each["item"] for each in items if each["task"] == task}) for task in ("facts", "prose")}
    assert {task: len(chosen) for task, chosen in places.items()} == {"facts": 20, "prose": 4}
    base = load({"builtIn": "tiny"})
    adapter = verified(evaluation["adapter"], "adapter") / "adapter"
    for name, model in (
        ("base", base.model),
        ("tuned", PeftModel.from_pretrained(load({"builtIn": "tiny"}).model, adapter)),
    ):
        told = itself(model, base.tokenizer, places, is_chat)
        expected = told["results"]
        context = told["samples"]["facts"][0]["arguments"][0][0]
        assert ("<|turn|>user" in context) is is_chat
        figures = {row["metric"]: row[name] for row in report}
        assert figures["acc"] == pytest.approx(100 * expected["facts"]["acc,none"], abs=1e-4)
        assert figures["word_perplexity"] == pytest.approx(expected["prose"]["word_perplexity,none"], rel=1e-6)
    rows = {row["metric"]: row for row in table(result) if row["split"] == "general"}
    assert set(rows) == {"accuracy", "retention", "worstSubject", "perplexity"}
    assert rows["accuracy"]["samples"] == 20 and rows["perplexity"]["samples"] == 4
    assert "## Benchmarks" in (folder / "report.md").read_text()
    assert {row["name"] for row in result["summary"]["benchmarks"]} == {"general"}


def test_evaluation_2_of_several_filters_the_first_counts_and_is_named(evaluation: dict[str, Any]) -> None:
    result, folder = run(evaluation | {"metrics": ["bleu"], "benchmarks": [SUMS]})
    row = json.loads((folder / "report.json").read_text())["benchmarks"]["results"][0]
    base = load({"builtIn": "tiny"})
    told = itself(base.model, base.tokenizer, {"sums": list(range(8))}, False, SUMS)["results"]["sums"]
    assert told["exact_match,strict-match"] != told["exact_match,flexible-extract"]
    assert row["base"] == pytest.approx(100 * told["exact_match,strict-match"])
    assert (row["metric"], row["items"]) == ("exact_match,strict-match", 8)
    assert result["summary"]["benchmarks"][0]["metric"] == "exact_match,strict-match"


def changed(folder: Path, name: str, change: Callable[[str], str], source: str = "sums") -> dict[str, Any]:
    """A benchmark with one file of another content."""
    shutil.copytree(TASKS / source, folder, dirs_exist_ok=True)
    (folder / name).write_text(change((folder / name).read_text()))
    return {"name": source, "path": str(folder), "maxItems": 100, "chatTemplate": False}


def refuse_to_load(*_given: Any) -> Any:
    raise AssertionError("a model was loaded")


@pytest.mark.parametrize(
    ("name", "change", "source", "text"),
    [
        (
            "sums.yaml",
            lambda text: text.replace("exact_match", "bleu").replace("mean", "bleu"),
            "sums",
            '"bleu" of "sums"',
        ),
        ("sums.yaml", lambda text: text.replace("generate_until", "magic"), "sums", 'lm-eval cannot load "sums"'),
        ("prose.yaml", lambda text: text.replace("word_perplexity", "byte_perplexity"), "general", "word_perplexity"),
        ("code.jsonl", lambda text: text + '{"task_id": "a"}\n', "code", "must have task_id, prompt"),
    ],
    ids=["corpus metric", "unknown type", "other perplexity", "code row"],
)
def test_evaluation_2_a_bad_benchmark_is_told_before_a_model_is_loaded(
    evaluation: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    change: Callable[[str], str],
    source: str,
    text: str,
) -> None:
    monkeypatch.setattr(candidates, "load_lineup", refuse_to_load)
    failed = failure(evaluation | {"benchmarks": [changed(tmp_path, name, change, source)]})
    assert (failed.code, failed.reason) == (11, "BenchmarkUnfit")
    assert failed.message.startswith(f'benchmarks "{source}"') and text in failed.message


@pytest.mark.parametrize(
    ("source", "name"),
    [("code", "code.jsonl"), ("sums", "sums.yaml"), ("sums", "sums.jsonl")],
)
def test_evaluation_19_a_file_in_another_encoding_is_named(tmp_path: Path, source: str, name: str) -> None:
    given = changed(tmp_path, name, lambda text: text, source)
    path = tmp_path / name
    # what a spreadsheet or an editor of another country makes of it
    path.write_text(path.read_text().replace("a", "端", 1), "gbk")
    with pytest.raises(WorkerFailure) as failed:
        check_benchmark(read_benchmark(given), 42)
    assert (failed.value.code, failed.value.reason) == (11, "BenchmarkUnfit")
    assert f'file "{name}": it is no UTF-8' in failed.value.message


def test_evaluation_2_a_task_that_names_no_metric_has_the_first_of_its_kind(
    evaluation: dict[str, Any], tmp_path: Path
) -> None:
    benchmark = changed(tmp_path, "sums.yaml", lambda text: text.split("metric_list:")[0])
    _result, folder = run(evaluation | {"metrics": ["bleu"], "benchmarks": [benchmark]})
    row = json.loads((folder / "report.json").read_text())["benchmarks"]["results"][0]
    assert (row["metric"], row["base"]) == ("exact_match,strict-match", 37.5)


def test_evaluation_6_a_node_without_a_sandbox_leaves_out_programs_alone(
    evaluation: dict[str, Any], monkeypatch: pytest.MonkeyPatch, store: Path
) -> None:
    def unconfined(_code: str) -> Any:
        raise WorkerFailure("config", "SandboxUnavailable", "benchmarks: this node confines no process")

    shutil.rmtree(store / "cache" / "evaluations" / "benchmarks", ignore_errors=True)
    monkeypatch.setattr(coding, "run_code", unconfined)
    result, folder = run(evaluation | {"metrics": ["bleu"], "benchmarks": [CODE, GENERAL]})
    assert result["summary"]["notes"] == ["SandboxUnavailable"]
    assert {row["name"] for row in result["summary"]["benchmarks"]} == {"general"}
    note = json.loads((folder / "report.json").read_text())["notes"][0]
    assert note["message"].startswith('"code" is left out: ')


def test_evaluation_2_a_model_that_lm_eval_cannot_ask_leaves_its_tasks_out(
    evaluation: dict[str, Any], monkeypatch: pytest.MonkeyPatch, store: Path
) -> None:
    from peft import PeftModel

    shutil.rmtree(store / "cache" / "evaluations" / "benchmarks", ignore_errors=True)
    monkeypatch.setattr(harness, "Prompted", PeftModel)
    result, folder = run(evaluation | {"metrics": ["bleu"], "benchmarks": [SUMS]})
    assert result["summary"]["notes"] == ["BenchmarkUnsupported"] and result["summary"]["benchmarks"] == []
    assert {row["metric"] for row in table(result)} == {"bleu"}
    assert "lm-eval cannot ask the prompt-tuned model" in (folder / "report.md").read_text()


def test_evaluation_4_a_perplexity_that_is_not_finite_is_no_value(
    evaluation: dict[str, Any], publish_adapter: Callable[..., dict[str, str]]
) -> None:
    broken = publish_adapter(float("nan"))
    result, folder = run(evaluation | {"adapter": broken, "metrics": ["bleu"], "benchmarks": [GENERAL]})
    report = strict((folder / "report.json").read_text())["benchmarks"]["results"]
    row = next(row for row in report if row["metric"] == "word_perplexity")
    assert row["base"] > 0 and row["tuned"] is None
    told = [strict(line) for line in (folder / "benchmarks.jsonl").read_text().splitlines()]
    assert {each["value"] for each in told if (each["model"], each["task"]) == ("tuned", "prose")} == {None}
    rows = {row["metric"]: row for row in table(result) if row["split"] == "general"}
    assert (rows["perplexity"]["tuned"], rows["perplexity"]["verdict"]) == (None, "Inconclusive")
    assert "| word_perplexity |" in (folder / "report.md").read_text()


def test_evaluation_2_a_model_without_finite_logits_has_no_accuracy(
    evaluation: dict[str, Any], publish_adapter: Callable[..., dict[str, str]]
) -> None:
    broken = publish_adapter(float("nan"))
    result, folder = run(evaluation | {"adapter": broken, "metrics": ["bleu"], "benchmarks": [GENERAL]})
    rows = {row["metric"]: row for row in table(result) if row["split"] == "general"}
    for metric in ("accuracy", "retention", "worstSubject"):
        assert rows[metric]["base"] > 0
        assert (rows[metric]["tuned"], rows[metric]["delta"], rows[metric]["verdict"]) == (None, None, "Inconclusive")
    report = strict((folder / "report.json").read_text())
    [acc] = [row for row in report["benchmarks"]["results"] if row["metric"] == "acc"]
    assert (acc["tuned"], acc["lost"], acc["gained"]) == (None, None, None) and acc["base"] > 0
    told = [strict(line) for line in (folder / "benchmarks.jsonl").read_text().splitlines()]
    assert {each["value"] for each in told if (each["model"], each["task"]) == ("tuned", "facts")} == {None}
    assert None not in {each["value"] for each in told if each["model"] == "base"}
    assert result["summary"]["notes"] == ["LogitsNotFinite"]
    [note] = report["notes"]
    assert note["message"].startswith(
        f'"tuned" has no finite likelihood for {len(told) // 2} of {len(told) // 2} items of the benchmark "general"'
    )
    assert "LogitsNotFinite: " in (folder / "report.md").read_text()


@pytest.mark.parametrize("decoding", ["do_sample: false", "do_sample: true\n  temperature: 1.0"])
def test_evaluation_2_what_a_model_without_finite_logits_writes_has_no_score(
    evaluation: dict[str, Any], publish_adapter: Callable[..., dict[str, str]], tmp_path: Path, decoding: str
) -> None:
    broken = publish_adapter(float("nan"))
    given = changed(tmp_path, "sums.yaml", lambda text: text.replace("do_sample: false", decoding))
    result, folder = run(evaluation | {"adapter": broken, "metrics": ["bleu"], "benchmarks": [given]})
    report = strict((folder / "report.json").read_text())
    [row] = report["benchmarks"]["results"]
    # whatever is written, the fallback of the filter is right for some items
    assert (row["base"], row["tuned"], row["lost"]) == (37.5, None, None)
    assert result["summary"]["notes"] == ["LogitsNotFinite"]
    assert report["notes"][0]["message"].startswith(
        '"tuned" has no finite likelihood for 8 of 8 items of the benchmark "sums"'
    )


def test_evaluation_2_a_choice_that_is_impossible_is_none_that_is_broken() -> None:
    impossible, nan = float("-inf"), float("nan")
    assert not has_no_likelihood([[(-1.0, True)], [(impossible, False)]])
    assert has_no_likelihood([[(-1.0, True)], [(nan, False)]])
    assert has_no_likelihood([[(impossible, False)], [(impossible, False)]])


def test_evaluation_8_what_is_not_a_number_is_kept_in_no_subject() -> None:
    before, after = np.array([1.0, 1.0, 0.0]), np.array([1.0, np.nan, 1.0])
    base, tuned = retention_statistics(before, after, ["law", "art", "sea"])
    for measure in (RETENTION, WORST_SUBJECT):
        assert np.isnan(measure.score(tuned.sum(axis=0)))
        assert measure.score(base.sum(axis=0)) == 100


def test_evaluation_18_items_of_a_benchmark_are_asked_once(
    evaluation: dict[str, Any], monkeypatch: pytest.MonkeyPatch, store: Path
) -> None:
    shutil.rmtree(store / "cache" / "evaluations" / "benchmarks", ignore_errors=True)
    asked: list[tuple[str, int]] = []
    measure = harness.measure
    monkeypatch.setattr(
        harness,
        "measure",
        lambda task, name, model, contestant, places, *others: (
            asked.extend((contestant.name, each) for each in places)
            or measure(task, name, model, contestant, places, *others)
        ),
    )
    monkeypatch.setattr(harness, "PART", 3)
    evaluation |= {"metrics": ["bleu"]}
    first, _folder = run(evaluation | {"benchmarks": [GENERAL | {"maxItems": 20}]})
    assert Counter(name for name, _ in asked) == {"base": 20, "tuned": 20}
    second, _folder = run(evaluation | {"benchmarks": [GENERAL | {"maxItems": 20}]})
    assert first == second and len(asked) == 40
    # a larger sample holds the smaller one
    run(evaluation | {"benchmarks": [GENERAL | {"maxItems": 28}]})
    assert len(asked) == 40 + 2 * 8


def test_evaluation_2_a_sample_has_of_each_subject_its_share() -> None:
    subjects = ["a"] * 60 + ["b"] * 30 + ["c"] * 10
    chosen = draw(subjects, 20, 42, "task")
    assert Counter(subjects[place] for place in chosen) == {"a": 12, "b": 6, "c": 2}
    assert chosen == draw(subjects, 20, 42, "task") != draw(subjects, 20, 43, "task")
    assert set(chosen) <= set(draw(subjects, 40, 42, "task"))
    assert len(draw(subjects, 7, 42, "task")) == 7
    assert draw(subjects, 500, 42, "task") == list(range(100))


def test_evaluation_2_of_several_tasks_as_many_items_are_asked_as_are_wanted(tmp_path: Path) -> None:
    for source in ("general", "sums"):
        shutil.copytree(TASKS / source, tmp_path, dirs_exist_ok=True)

    def asked(maximum: int, seed: int = 42) -> dict[str, list[int]]:
        benchmark = read_benchmark(GENERAL | {"path": str(tmp_path), "maxItems": maximum})
        return {each.configuration["task"]: each.places for each in load_drawn(benchmark, seed)}

    ten = asked(10)
    # of 24, 5 and 8 items
    assert {task: len(places) for task, places in ten.items()} == {"facts": 7, "prose": 1, "sums": 2}
    assert ten == asked(10) != asked(10, seed=43)
    twenty = asked(20)
    assert sum(map(len, twenty.values())) == 20
    assert all(set(places) <= set(twenty[task]) for task, places in ten.items())
    assert [sum(map(len, asked(maximum).values())) for maximum in (1, 36, 37, 1000)] == [1, 36, 37, 37]


def scores(right: dict[str, list[int]], benchmark: str = "mmlu") -> list[Score]:
    return [
        Score(benchmark, subject, item, subject, "acc", float(value), 1.0)
        for subject, values in right.items()
        for item, value in enumerate(values)
    ]


def compared(before: dict[str, list[int]], after: dict[str, list[int]]) -> Any:
    benchmark = Benchmark("mmlu", Path(), "sha256:0", [], 100)
    return compare_benchmarks(
        [benchmark], {"base": scores(before), "tuned": scores(after)}, [Pair("base", "tuned", ())], "default", 2000, 42
    )


def test_evaluation_8_a_model_that_forgot_fails_the_gate_of_retention() -> None:
    before = {"law": [1] * 40 + [0] * 10, "art": [1] * 20 + [0] * 30, "sea": [0] * 50}
    after = {"law": [1] * 40 + [0] * 10, "art": [1] * 8 + [0] * 42, "sea": [1] * 5 + [0] * 45}
    found = compared(before, after)
    rows = {row.metric: row for row in correct(found.figures)}
    # of "sea" nothing could be lost
    assert rows["retention"].comparison.tuned == pytest.approx((100 + 40) / 2)
    assert rows["worstSubject"].comparison.tuned == pytest.approx(40)
    assert rows["retention"].comparison.base == rows["worstSubject"].comparison.base == 100
    assert rows["retention"].verdict == rows["worstSubject"].verdict == "Worse"
    assert rows["retention"].comparison.interval[1] < 95
    wins = [rows[metric].comparison.wins for metric in ("retention", "worstSubject")]
    assert [(each.better, each.worse, each.same) for each in wins] == [(5, 12, 133)] * 2
    row = found.report[0]
    assert (row["lost"], row["gained"]) == (12, 5)
    assert row["pMcNemar"] == pytest.approx(mcnemar([[0, 5], [12, 0]], exact=True).pvalue)
    assert row["subjects"]["art"] == {"items": 50, "base": 40.0, "tuned": 16.0, "kept": 40.0}
    assert found.summary() == [
        {"name": "mmlu", "metric": "acc", "base": 40.0, "tuned": 35.3333, "items": 150, "lost": 12, "gained": 5}
    ]


def test_evaluation_8_a_model_that_kept_all_is_inconclusive() -> None:
    same = {"law": [1, 0] * 20, "art": [1, 1, 0, 0] * 10}
    found = compared(same, same)
    assert {row.verdict for row in correct(found.figures)} == {"Inconclusive"}
    assert all(row.comparison.tuned == 100 for row in correct(found.figures) if row.metric != "accuracy")


def test_evaluation_8_retention_follows_its_definition() -> None:
    lots = np.random.default_rng(5)
    subjects = [f"s{number % 4}" for number in range(80)]
    before, after = lots.integers(0, 2, 80).astype(float), lots.integers(0, 2, 80).astype(float)
    sides = retention_statistics(before, after, subjects)
    kept = [
        100
        * sum(after[at] for at in range(80) if subjects[at] == name)
        / sum(before[at] for at in range(80) if subjects[at] == name)
        for name in sorted(set(subjects))
    ]
    assert RETENTION.score(sides[1].sum(axis=0)) == pytest.approx(np.mean(kept))
    assert WORST_SUBJECT.score(sides[1].sum(axis=0)) == pytest.approx(min(kept))
    assert RETENTION.score(sides[0].sum(axis=0)) == 100


SUBJECTS = [f"s{place // 20:02}" for place in range(280)]


def exchanged(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Of 14 subjects of 20 items as many are won as lost, wherever chance puts them."""
    source = np.random.default_rng(seed)
    before = np.repeat([1.0, 0.0], 140)
    source.shuffle(before)
    after = before.copy()
    for value in (0.0, 1.0):
        after[source.choice(np.flatnonzero(before == value), 14, replace=False)] = 1 - value
    return before, after


def test_evaluation_8_what_chance_loses_in_one_of_many_subjects_is_no_loss() -> None:
    called = Counter()
    for seed in range(20):
        sides = [
            {name: side[[own == name for own in SUBJECTS]].astype(int).tolist() for name in set(SUBJECTS)}
            for side in exchanged(seed)
        ]
        rows = correct(compared(*sides).figures)
        assert {row.comparison.delta < 0 for row in rows if row.metric == "worstSubject"} == {True}
        called.update(row.metric for row in rows if row.verdict != "Inconclusive")
    assert called["worstSubject"] <= 2 and called["retention"] <= 2


def test_evaluation_8_the_worst_of_many_subjects_has_to_be_worse_than_the_worst_of_many_is_by_chance() -> None:
    before = np.ones(280)
    after = before.copy()
    after[:8] = 0
    found = compare_worst_subject(before, after, SUBJECTS)
    assert found.delta == pytest.approx(-40)
    # the exact test of eight losses, of 14 subjects
    assert found.p == pytest.approx(14 * 2 * 0.5**8)
    assert found.interval[0] == pytest.approx(-40) and found.interval[1] == 0
    after[8:10] = 0
    found = compare_worst_subject(before, after, SUBJECTS)
    assert found.p == pytest.approx(14 * 2 * 0.5**10)
    assert found.interval[0] == pytest.approx(-50) and -50 < found.interval[1] < 0


def test_evaluation_8_what_other_subjects_won_proves_no_loss_of_the_worst() -> None:
    before, after = np.repeat([1.0, 0.0] * 2, 10), np.repeat([1.0, 0.0, 1.0, 1.0], 10)
    after[0] = 0
    found = compare_worst_subject(before, after, ["law"] * 20 + ["art"] * 20)
    assert (found.delta, found.p) == (-10, 1.0) and found.interval[1] > 0
    # each has to be better for the worst to be
    after[10:20], after[0] = 1, 1
    found = compare_worst_subject(before, after, ["law"] * 20 + ["art"] * 20)
    assert (found.delta, found.p) == (100, pytest.approx(2 * 2 * 0.5**10)) and found.interval[0] > 0


def test_evaluation_8_interval_and_p_of_the_worst_subject_say_the_same() -> None:
    told = Counter()
    for seed in range(300):
        source = np.random.default_rng(seed)
        before = source.integers(0, 2, 80).astype(float)
        after = np.where(source.random(80) < source.random(), source.random() < 0.5, before).astype(float)
        found = compare_worst_subject(before, after, [f"s{number % 4}" for number in range(80)])
        low, high = found.interval
        assert low - 1e-9 <= found.delta <= high + 1e-9
        assert (found.p < 0.05) == (low > 0 or high < 0)
        told[found.p < 0.05] += 1
    assert min(told.values()) > 30


def test_evaluation_8_the_test_of_retention_draws_anew_who_gave_which_answer() -> None:
    before = np.array([1, 1, 1, 1, 1, 1, 0, 1, 1, 0], dtype=float)
    after = np.array([1, 0, 0, 1, 0, 1, 1, 0, 1, 0], dtype=float)
    subjects = ["law"] * 5 + ["art"] * 5
    found = compare_retention(before, after, subjects, 2000, 1)
    drawn = []
    for swaps in itertools.product((False, True), repeat=10):
        one, other = np.where(swaps, after, before), np.where(swaps, before, after)
        drawn.append(np.mean([other[part].sum() / one[part].sum() for part in (slice(0, 5), slice(5, 10))]))
    assert found.delta == pytest.approx(100 * (np.mean([2 / 5, 3 / 3]) - 1))
    assert found.p == pytest.approx(2 * np.mean(np.array(drawn) <= np.mean([2 / 5, 3 / 3]) + 1e-9))


@pytest.mark.parametrize(
    ("harm", "reason", "text"),
    [
        (shutil.rmtree, "BenchmarkNotFound", "there is no folder"),
        (lambda folder: [path.unlink() for path in folder.glob("*.yaml")], "BenchmarkNotFound", 'has a "task"'),
        (lambda folder: (folder / "facts.jsonl").unlink(), "BenchmarkUnfit", '"facts.jsonl" is not in the folder'),
        (
            lambda folder: (folder / "facts.yaml").write_text("task: facts\ndataset_path: cais/mmlu\n"),
            "BenchmarkUnfit",
            "nothing is downloaded",
        ),
        (
            lambda folder: (folder / "facts.yaml").write_text("task: facts\nprocess_docs: !function utils.run\n"),
            "BenchmarkUnfit",
            "it may call no function",
        ),
        (
            lambda folder: (folder / "facts.yaml").write_text(
                (folder / "facts.yaml").read_text().replace("multiple_choice", "magic")
            ),
            "BenchmarkUnfit",
            'lm-eval cannot load "facts"',
        ),
    ],
)
def test_evaluation_2_a_benchmark_that_cannot_be_used_says_why(
    evaluation: dict[str, Any], tmp_path: Path, harm: Callable[[Path], Any], reason: str, text: str
) -> None:
    folder = tmp_path / "general"
    shutil.copytree(TASKS / "general", folder)
    harm(folder)
    failed = failure(evaluation | {"benchmarks": [GENERAL | {"path": str(folder)}]})
    assert (failed.code, failed.reason) == (11, reason)
    assert failed.message.startswith('benchmarks "general"') and text in failed.message


def test_evaluation_19_a_benchmark_is_pinned_by_its_digest(evaluation: dict[str, Any], tmp_path: Path) -> None:
    folder = tmp_path / "general"
    shutil.copytree(TASKS / "general", folder)
    digest = folder_digest(folder)
    assert digest == folder_digest(TASKS / "general")
    pinned = GENERAL | {"path": str(folder), "digest": digest}
    assert read_benchmark(pinned).digest == digest
    with (folder / "facts.jsonl").open("a") as file:
        file.write("\n")
    failed = failure(evaluation | {"benchmarks": [pinned]})
    assert failed.reason == "BenchmarkChanged" and digest in failed.message


ATTACKS = {
    "network": "import socket\nsocket.socket()",
    "write": "open('/tmp/harm', 'w')",
    "append": "open('/tmp/present', 'a').write('x')",
    "remove": "import os\nos.unlink('/tmp/present')",
    "folder": "import os\nos.mkdir('/tmp/harm')",
    "fork": "import os\nos.fork()",
    "program": "import os\nos.execv('/bin/true', ['true'])",
    "parent": "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)",
    "memory": "x = bytearray(2 << 30)",
    "time": "while True: pass",
    "exit": "import os\nos._exit(0)",
    "system exit": "raise SystemExit(0)",
    "environment": "import os\nassert os.environ.get('PATH')",
    "packages": "import numpy",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_evaluation_6_code_that_does_harm_fails_and_does_none(attack: str) -> None:
    present = Path("/tmp/present")
    present.write_text("untouched")
    assert run_code(ATTACKS[attack], seconds=2) is Outcome.FAILED
    assert present.read_text() == "untouched"
    assert not Path("/tmp/harm").exists()


def test_evaluation_6_code_is_told_apart_by_how_far_it_comes() -> None:
    assert run_code("def f(:") is Outcome.UNPARSED
    assert run_code("assert 1 == 2") is Outcome.FAILED
    assert run_code("import math, json, re, collections\nprint('noise')\nassert math.sqrt(4) == 2") is Outcome.PASSED


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Sure:\n```python\ndef add(a, b):\n    return a + b\n```\nThat adds.", Outcome.PASSED),
        ("    return a + b\n", Outcome.PASSED),
        ("```\ndef add(a, b):\n    return a - b\n```", Outcome.FAILED),
        ("I add both numbers.", Outcome.UNPARSED),
    ],
)
def test_evaluation_6_answers_are_completed_and_tested(answer: str, expected: Outcome) -> None:
    row = json.loads((TASKS / "code" / "code.jsonl").read_text().splitlines()[0])
    assert run_code(program(row["prompt"], answer, row["test"], row["entry_point"])) is expected


def test_evaluation_6_programming_tasks_count_what_parses_and_what_passes(evaluation: dict[str, Any]) -> None:
    result, folder = run(evaluation | {"metrics": ["bleu"], "benchmarks": [CODE | {"maxItems": 2}]})
    report = json.loads((folder / "report.json").read_text())["benchmarks"]["results"]
    # the untrained model writes no code
    assert {(row["metric"], row["items"], row["base"]) for row in report} == {("passes", 2, 0.0), ("parses", 2, 0.0)}
    assert [row["metric"] for row in result["summary"]["benchmarks"]] == ["parses", "passes"]


def test_evaluation_6_a_task_without_its_tests_is_named(evaluation: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "code.jsonl").write_text('{"task_id": "a", "prompt": "def a():"}\n')
    with pytest.raises(WorkerFailure) as failed:
        run(evaluation | {"metrics": ["bleu"], "benchmarks": [CODE | {"path": str(tmp_path)}]})
    assert failed.value.reason == "BenchmarkUnfit" and "line 1" in failed.value.message
