"""Tasks that lm-eval ships run with their functions; functions of users' files do not, nor does anything of theirs."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evaluator import candidates
from evaluator.benchmarks.packaged import complete, packaged_file
from evaluator.benchmarks.tasks import read_benchmark
from tests.evaluator.test_benchmarks import TASKS, changed, refuse_to_load
from tests.evaluator.test_evaluate import failure, run
from worker.failure import WorkerFailure
from worker.models import load


def benchmark(name: str, folder: Path = TASKS) -> dict[str, Any]:
    return {"name": name, "path": str(folder / name), "maxItems": 100, "chatTemplate": False}


def itself(name: str, path: Path) -> dict[str, Any]:
    """What lm-eval says of the untrained model when it reads the file itself, with its own functions and includes."""
    import lm_eval
    from lm_eval.models.huggingface import HFLM
    from lm_eval.tasks import TaskManager

    base = load({"builtIn": "tiny"})
    lm = HFLM(pretrained=base.model, tokenizer=base.tokenizer, batch_size=4)
    manager = TaskManager(include_defaults=False)
    told = lm_eval.simple_evaluate(model=lm, tasks=[str(path)], task_manager=manager, bootstrap_iters=0)
    return told["results"][name]


def for_lm_eval(folder: Path, name: str, file: str, settings: str = "") -> Path:
    """The same task as a file for lm-eval alone, which takes whole paths."""
    split = "train" if name == "ifeval" else "validation"
    path = folder / "own" / f"{name}.yaml"
    path.parent.mkdir()
    path.write_text(
        f"task: {name}\ninclude: {packaged_file(file)}\ndataset_path: json\ndataset_name: null\n"
        f"dataset_kwargs: {{data_files: {{{split}: {TASKS / name / 'items.jsonl'}}}}}\n{settings}"
    )
    return path


SHORT = "training_split: null\ngeneration_kwargs: {until: ['.'], do_sample: false, max_gen_toks: 8}\n"


@pytest.mark.parametrize(
    ("name", "file", "settings", "metric", "items"),
    [
        ("hellaswag", "lm_eval/tasks/hellaswag/hellaswag.yaml", "training_split: null\n", "acc", 8),
        ("drop", "lm_eval/tasks/drop/default.yaml", SHORT, "em", 6),
    ],
)
def test_evaluation_2_a_task_that_lm_eval_ships_runs_with_its_functions(
    evaluation: dict[str, Any], tmp_path: Path, name: str, file: str, settings: str, metric: str, items: int
) -> None:
    result, folder = run(evaluation | {"metrics": ["bleu"], "benchmarks": [benchmark(name)]})
    [row] = json.loads((folder / "report.json").read_text())["benchmarks"]["results"]
    told = itself(name, for_lm_eval(tmp_path, name, file, settings))
    assert (row["metric"], row["items"]) == (metric, items)
    assert row["base"] == pytest.approx(100 * told[f"{metric},none"], abs=1e-4)
    assert result["summary"]["benchmarks"][0]["items"] == items


def test_evaluation_2_what_a_file_says_goes_over_what_lm_eval_ships() -> None:
    read = read_benchmark(benchmark("drop"))
    [task] = read.tasks
    # no function is in what names kept answers
    assert task["include"] == "lm_eval/tasks/drop/default.yaml" and json.dumps(task)
    whole = complete("drop", read.folder, task)
    assert whole["process_results"].__module__ == "lm_eval.tasks.drop.utils"
    assert (whole["generation_kwargs"]["max_gen_toks"], whole["dataset_path"]) == (8, "json")
    assert "dataset_name" not in whole and "include" not in whole


def test_evaluation_2_ifeval_has_the_figures_of_lm_eval(evaluation: dict[str, Any], tmp_path: Path) -> None:
    given = benchmark("ifeval", with_punkt(tmp_path))
    _result, folder = run(evaluation | {"metrics": ["bleu"], "benchmarks": [given]})
    [row] = json.loads((folder / "report.json").read_text())["benchmarks"]["results"]
    settings = "generation_kwargs: {until: [], do_sample: false, temperature: 0.0, max_gen_toks: 16}\n"
    told = itself("ifeval", for_lm_eval(tmp_path, "ifeval", "lm_eval/tasks/ifeval/ifeval.yaml", settings))
    assert (row["metric"], row["items"]) == ("prompt_level_strict_acc", 5)
    assert row["base"] == pytest.approx(100 * told["prompt_level_strict_acc,none"], abs=1e-4)
    assert row["base"] > 0


def with_punkt(folder: Path) -> Path:
    """The folder of IFEval with data for nltk: a model of sentences that knows no abbreviation."""
    shutil.copytree(TASKS / "ifeval", folder / "ifeval")
    data = folder / "ifeval" / "nltk_data" / "tokenizers" / "punkt_tab" / "english"
    data.mkdir(parents=True)
    for name in ("abbrev_types.txt", "collocations.tab", "ortho_context.tab", "sent_starters.txt"):
        (data / name).write_text("")
    return folder


def import_ifeval_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [name for name in sys.modules if name.startswith("lm_eval.tasks.ifeval")]:
        monkeypatch.delitem(sys.modules, module)


def test_evaluation_2_a_module_that_the_image_lacks_is_named_before_a_model_is_loaded(
    evaluation: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "load_lineup", refuse_to_load)
    import_ifeval_anew(monkeypatch)
    monkeypatch.setitem(sys.modules, "langdetect", None)
    monkeypatch.setitem(sys.modules, "immutabledict", None)
    failed = failure(evaluation | {"benchmarks": [benchmark("ifeval")]})
    assert (failed.code, failed.reason) == (10, "BenchmarkModuleMissing")
    assert failed.message.startswith('benchmarks "ifeval": "lm_eval/tasks/ifeval/ifeval.yaml" of lm-eval 0.')
    assert 'needs the Python module "langdetect"' in failed.message and "EXTRA_PACKAGES" in failed.message


def test_evaluation_19_data_that_lm_eval_would_download_is_named(
    evaluation: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    import types

    import nltk

    monkeypatch.setattr(candidates, "load_lineup", refuse_to_load)
    import_ifeval_anew(monkeypatch)
    for name, member in (("langdetect", "detect"), ("immutabledict", "immutabledict")):
        stand_in = types.ModuleType(name)
        setattr(stand_in, member, dict)
        monkeypatch.setitem(sys.modules, name, stand_in)
    monkeypatch.setattr(nltk.data, "path", [])
    failed = failure(evaluation | {"benchmarks": [benchmark("ifeval")]})
    assert (failed.code, failed.reason) == (11, "BenchmarkUnfit")
    assert 'needs the data "punkt_tab" of nltk, and nothing is downloaded' in failed.message
    assert "nltk_data/tokenizers/punkt_tab" in failed.message


@pytest.mark.parametrize(
    ("name", "change", "text"),
    [
        ("drop.yaml", lambda text: text + "process_results: !function utils.mine\n", "call no function of its own"),
        ("shared.yaml", lambda text: text + "process_docs: !function utils.mine\n", "call no function of its own"),
        ("shared.yaml", lambda text: text.replace("drop/default", "drop/none"), "has no file"),
        ("shared.yaml", lambda text: text.replace("tasks/drop", "tasks/../../lm_eval"), "has no file"),
        ("shared.yaml", lambda text: text.replace("drop/default", "mmlu/default/_mmlu"), "no single task"),
        ("shared.yaml", lambda text: text.replace("drop/default", "squadv2/squadv2"), "no single task"),
        ("shared.yaml", lambda text: text.replace("drop/default", "humaneval/humaneval"), 'folder with "code.jsonl"'),
        ("shared.yaml", lambda text: text.replace("training_split: null", ""), 'set "training_split: null"'),
        ("drop.yaml", lambda text: text.replace("include: shared", "include: gone"), "one other file of the folder"),
        ("shared.yaml", lambda text: text.replace("lm_eval/tasks/drop/default", "drop"), "one other file"),
        ("items.jsonl", lambda text: text.replace('"query_id"', '"id"'), "'query_id'"),
    ],
    ids=[
        *("own function", "function of an include", "no such task", "outside of lm-eval", "a group", "a class"),
        *("code of a model", "a split without data", "no such file", "a circle", "other columns"),
    ],
)
def test_evaluation_2_a_base_that_cannot_be_taken_says_why(
    evaluation: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    change: Callable[[str], str],
    text: str,
) -> None:
    monkeypatch.setattr(candidates, "load_lineup", refuse_to_load)
    failed = failure(evaluation | {"benchmarks": [changed(tmp_path, name, change, "drop")]})
    assert (failed.code, failed.reason) == (11, "BenchmarkUnfit")
    assert failed.message.startswith('benchmarks "drop"') and text in failed.message


@pytest.mark.parametrize(
    ("name", "change", "text"),
    [
        ("drop.yaml", lambda text, _other: text.replace("items.jsonl", "../other/items.jsonl"), "../other/items.jsonl"),
        ("drop.yaml", lambda text, other: text.replace("items.jsonl", f"{other}/items.jsonl"), "/other/items.jsonl"),
        ("drop.yaml", lambda text, _other: text.replace("items.jsonl", "link/items.jsonl"), "link/items.jsonl"),
        ("drop.yaml", lambda text, _other: text.replace("shared.yaml", "../other/shared.yaml"), "one other file"),
    ],
    ids=["data above", "data by a whole path", "data behind a link", "include"],
)
def test_evaluation_19_a_file_outside_of_the_folder_is_not_read(
    tmp_path: Path, name: str, change: Callable[[str, Path], str], text: str
) -> None:
    other = tmp_path / "other"
    shutil.copytree(TASKS / "drop", other)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "link").symlink_to(other)
    with pytest.raises(WorkerFailure) as failed:
        read_benchmark(changed(tmp_path / "own", name, lambda whole: change(whole, other), "drop"))
    assert failed.value.reason == "BenchmarkUnfit" and text in failed.value.message
    assert 'file "drop.yaml"' in failed.value.message


def test_evaluation_19_a_mounted_config_map_has_its_files_behind_links(tmp_path: Path) -> None:
    shutil.copytree(TASKS / "drop", tmp_path / "..data")
    for file in (TASKS / "drop").iterdir():
        (tmp_path / file.name).symlink_to(Path("..data") / file.name)
    mounted = read_benchmark(benchmark("drop") | {"path": str(tmp_path)})
    assert mounted.digest == read_benchmark(benchmark("drop")).digest and len(mounted.tasks) == 1


# in a text of YAML in single quotes
ESCAPE = "{{ cycler.__init__.__globals__.os.mkdir(''TRACE'') }}"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda text, trace: text.replace("{{question}}", ESCAPE.replace("TRACE", str(trace))), "SecurityError"),
        (lambda text, trace: text.replace("metric: exact_match", f"metric: {trace.parent / 'evil.py'}"), "is no name"),
        (
            lambda text, trace: text.replace(
                "do_sample: false", f"do_sample: false\n  custom_generate: {trace.parent}\n  trust_remote_code: true"
            ),
            '"custom_generate" in generation_kwargs of "sums" is none of',
        ),
        (lambda text, trace: text + f"use_prompt: {trace.parent / 'prompts.yaml'}:one\n", "write doc_to_text"),
    ],
    ids=["template", "metric", "generation", "prompt"],
)
def test_evaluation_2_nothing_of_a_task_file_is_run(
    evaluation: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[str, Path], str],
    text: str,
) -> None:
    monkeypatch.setattr(candidates, "load_lineup", refuse_to_load)
    trace = tmp_path / "trace"
    (tmp_path / "evil.py").write_text(f"import os\nos.mkdir({str(trace)!r})\n")
    given = changed(tmp_path, "sums.yaml", lambda whole: change(whole, trace))
    failed = failure(evaluation | {"benchmarks": [given]})
    assert failed.reason == "BenchmarkUnfit" and text in failed.message
    assert not trace.exists()
