"""`--dry-run`: the plan and all refusals, without weights."""

import json
import os
import subprocess
import sys

import pytest

from tests.trainer.builders import rows, stage, train_input
from tests.trainer.test_context import small
from trainer.admission import dry_run
from trainer.admission.forecast import Sizes, seconds_of

POSITIONS = {"ropeScaling": None, "positions": {"length": 1 << 16, "init": "Interpolate"}}


@pytest.fixture
def plan(work, monkeypatch, capsys):
    def plans(value, *arguments):
        import worker.models

        with monkeypatch.context() as patch:
            patch.setattr(worker.models, "load", lambda *_, **__: pytest.fail("weights were loaded"))
            patch.setenv("DOCTUNE_STORE", str(work.store))
            (work.folder / "input.json").write_text(json.dumps(value))
            code = dry_run.main(["--dry-run", str(work.folder / "input.json"), *arguments])
        out = capsys.readouterr().out
        # a run before it in this process has set up a log of lines
        return code, json.loads(out[out.index("{\n") :])

    return plans


def test_training_4_a_dry_run_tells_what_the_run_then_does(work, dataset, plan):
    value = train_input(dataset, training={"maxSteps": None, "epochs": 2, "gradientAccumulationSteps": 2})
    code, told = plan(value)
    assert (code, told["refusals"], told["warnings"]) == (0, [], [])
    run = work.run(value)
    results = run.results()
    assert told["steps"] == {"total": results["settings"]["total_steps"], "anEpoch": 6, "rowsEach": 8}
    assert told["method"]["name"] == results["method"]["name"]
    assert told["rows"]["train"] == results["rows"]["train"]
    trained = max(entry.get("tokens", 0) for entry in results["history"])
    assert told["tokens"]["total"] == trained == 2 * told["tokens"]["epoch"]
    assert told["licence"]["name"] == "Apache-2.0"
    # the arithmetic of a CPU is not known
    assert told["expectedSeconds"] is None
    assert told["memory"]["capacityBytes"] is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"method": "LoRA", "lora": {"lastLayers": 5}}, "TooFewLayers"),
        ({"method": "Freeze", "freeze": {"layers": 4}}, "NothingToTrain"),
        ({"method": "Auto", "lora": {"skipLayers": 4}}, "TooFewLayers"),
    ],
)
def test_training_4_a_dry_run_tells_of_layers_that_the_model_lacks(dataset, plan, change, reason):
    code, told = plan(train_input(dataset, **change), "--gpu-memory", "24", "--gpu", "NVIDIA A100")
    assert (code, [one["reason"] for one in told["refusals"]]) == (10, [reason])


@pytest.mark.parametrize("kind", ["gpt2", "opt"])
def test_training_4_a_dry_run_tells_method_and_memory_of_models_with_other_names_for_their_sizes(
    dataset, plan, tmp_path, kind
):
    value = {**train_input(dataset), "baseModel": small(kind, tmp_path / kind, 256)}
    code, told = plan(value, "--gpu-memory", "24", "--gpu", "NVIDIA A100")
    assert (code, told["refusals"], told["method"]["name"]) == (0, [], "LoRA")
    assert 1.4e9 < told["memory"]["estimatedBytes"] < told["memory"]["capacityBytes"] == 24 << 30


def test_training_4_a_dry_run_tells_all_refusals_at_once(work, dataset, plan, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1 << 20}))
    value = train_input(
        dataset,
        method="LoRA",
        training={"maxLength": 8},
        output={"gguf": ["q4_0"]},
    )
    code, told = plan(value, "--gpu-memory", "0.5", "--gpu", "NVIDIA A100")
    assert code == 10
    assert [one["reason"] for one in told["refusals"]] == ["DoesNotFit", "NotEnoughDisk", "RowsTooLong"]
    assert [one["exitCode"] for one in told["refusals"]] == [10, 51, 11]
    assert told["memory"]["estimatedBytes"] > 1.4e9


@pytest.mark.parametrize(
    ("changes", "arguments", "reasons"),
    [
        ({"training": {"compile": True}}, (), ["UnfitCombination"]),
        ({"distributed": {"strategy": "FSDP2"}}, ("--gpu-memory", "80"), ["UnfitStrategy"]),
        ({"distributed": {"strategy": "FSDP2"}}, ("--gpu-memory", "80", "--processes", "2"), []),
        ({"method": "PromptTuning", "training": {"replay": 0.2}}, (), ["UnfitReplay"]),
        ({"training": {"compile": True, "optimizer": "PagedAdamW8bit"}}, (), ["UnfitCombination"] * 2),
        ({"method": "IA3", "context": POSITIONS}, (), ["UnfitMethod", "UnfitContext"]),
        *(
            ({"method": method, "training": {"chatTemplate": "chatml"}}, (), ["UnfitMethod"])
            for method in ("AdaLoRA", "IA3", "PromptTuning", "Freeze")
        ),
        ({"training": {"chatTemplate": "chatml"}}, (), []),
        (
            {"output": {"onnx": True}, "context": {"ropeScaling": {"type": "Dynamic", "factor": 2.0}}},
            (),
            ["ExportUnsupported"],
        ),
    ],
)
def test_training_4_a_dry_run_refuses_what_the_run_would(dataset, plan, changes, arguments, reasons):
    _, told = plan(train_input(dataset, **changes), *arguments)
    assert [one["reason"] for one in told["refusals"]] == reasons


def test_training_4_a_dry_run_misses_the_rows_that_a_rate_follows(work, plan):
    _, told = plan(train_input(work.dataset(rows(8, 0, 0)), training={"scheduler": "reduce_on_plateau"}))
    assert [one["reason"] for one in told["refusals"]] == ["NoValidationRows"]


def test_training_4_a_dry_run_measures_rows_by_learned_positions(dataset, plan, tmp_path):
    learned = small("gpt2", tmp_path / "gpt2")
    _, told = plan({**train_input(dataset), "baseModel": learned})
    assert [one["reason"] for one in told["refusals"]] == ["UnfitContext"]
    assert "48 learned positions" in told["refusals"][0]["message"]
    longer = {"ropeScaling": None, "positions": {"length": 256, "init": "Random"}}
    assert plan({**train_input(dataset, context=longer), "baseModel": learned})[1]["refusals"] == []


def test_training_3_auto_chooses_no_method_that_leaves_new_tokens_alone(dataset, plan, monkeypatch):
    monkeypatch.setattr("trainer.methods.choose.FEW_ROWS", 10)
    assert plan(train_input(dataset))[1]["method"]["name"] == "Freeze"
    code, told = plan(train_input(dataset, training={"chatTemplate": "chatml"}))
    assert (code, told["method"]["name"], told["refusals"]) == (0, "LoRA", [])
    assert "Freeze does not go with the tokens that training.chatTemplate adds" in told["method"]["reason"]


def test_training_4_a_dry_run_looks_at_the_adapter_to_begin_with(work, dataset, plan):
    first = work.run(train_input(dataset))
    value = train_input(dataset, initAdapter={name: first.result["artifact"][name] for name in ("uri", "digest")})
    assert plan(value)[1]["refusals"] == []
    _, told = plan({**value, "method": "IA3"})
    (refusal,) = told["refusals"]
    assert refusal["reason"] == "InitAdapterUnfit" and 'trained by method "LoRA"' in refusal["message"]


@pytest.mark.parametrize(
    ("arguments", "precision"),
    [
        (("--gpu-memory", "24"), "bf16"),
        (("--gpu", "NVIDIA A100"), "bf16"),
        (("--gpu", "Tesla T4", "--gpu-memory", "16"), "fp16"),
    ],
)
def test_training_4_a_gpu_that_is_not_here_has_a_precision_of_its_own(dataset, plan, arguments, precision):
    value = train_input(dataset, training={"precision": "auto", "attention": "FlashAttention2"})
    code, told = plan(value, *arguments)
    # on this CPU it might be fp32, with twice the memory, which that kind of attention does not go with
    assert (code, told["precision"], told["refusals"]) == (0, precision, [])
    given = plan({**value, "training": {**value["training"], "precision": precision}}, *arguments)[1]
    assert told["memory"] == given["memory"]


def test_training_4_several_processes_make_larger_steps(dataset, plan):
    assert [plan(train_input(dataset), *more)[1]["steps"]["rowsEach"] for more in ((), ("--processes", "3"))] == [4, 12]


def test_training_4_rows_that_do_not_fit_are_refused_before_the_weights_load(work, dataset, monkeypatch):
    monkeypatch.setattr("trainer.recipe.load_base", lambda *_: pytest.fail("weights were loaded"))
    failed = work.run(train_input(dataset, training={"maxLength": 8}))
    assert (failed.code, failed.result["reason"]) == (11, "RowsTooLong")


def test_training_4_a_dry_run_goes_on_without_a_dataset(plan, dataset):
    code, told = plan({**train_input({**dataset, "digest": "sha256:" + "0" * 64}), "baseModel": {"path": "/nowhere"}})
    assert code == 11
    assert [one["reason"] for one in told["refusals"]] == ["DigestMismatch", "BaseModelNotFound"]


def test_training_4_a_dry_run_of_a_wrong_input_names_the_field(plan, short_run):
    code, told = plan({**short_run, "trainig": {}})
    assert (code, told["refusals"][0]["reason"]) == (10, "InvalidInput")


def test_training_4_a_dry_run_is_a_mode_of_the_program(work, short_run):
    (work.folder / "input.json").write_text(json.dumps(short_run))
    command = [sys.executable, "-m", "trainer", "--dry-run", str(work.folder / "input.json"), "--gpu", "NVIDIA H100"]
    environment = {**os.environ, "DOCTUNE_STORE": str(work.store)}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["expectedSeconds"] > 0
    assert not (work.store / "runs").exists()


def test_training_4_the_expected_time_follows_from_the_arithmetic():
    settings = type("Settings", (), {"is_gradient_checkpointing": True, "world_size": 1})()
    # 8.7 thousand tokens a second on an H100 at 40 % with 7.6 B parameters, by the goals of the project
    whole = seconds_of(1_000_000, Sizes(7.6e9), settings, "NVIDIA H100 80GB")
    assert 1e6 / whole == pytest.approx(8.7e3, rel=0.02)
    assert seconds_of(1_000_000, Sizes(7.6e9), settings, "a CPU") is None
    # of seven eighths that no gradient reaches, a third is left: they are computed forwards, once
    upper = seconds_of(1_000_000, Sizes(7.6e9, 0, 7.6e9 * 7 / 8), settings, "NVIDIA H100 80GB")
    assert upper / whole == pytest.approx(7 / 8 / 3 + 1 / 8, rel=0.01)


@pytest.mark.parametrize(
    ("frozen", "changes"),
    [
        # layers that are frozen in each third of the run
        ([3, 2, 1], {"freeze": {"layers": 3, "unfreezeEverySteps": 4}}),
        (
            [3, 1, 1],
            {
                "freeze": {"layers": 3},
                "training": {"maxSteps": None},
                "stages": [stage("Sft", maxSteps=4), stage("Sft", maxSteps=8, unfreeze=2)],
            },
        ),
    ],
)
def test_training_4_layers_count_in_the_expected_time_from_when_they_are_unfrozen(dataset, plan, frozen, changes):
    def seconds(**more):
        code, told = plan(train_input(dataset, method="Freeze", **more), "--gpu", "NVIDIA A100")
        assert (code, told["steps"]["total"]) == (0, 12), told["refusals"]
        return told["expectedSeconds"]

    fixed = [seconds(freeze={"layers": layers}) for layers in frozen]
    assert fixed[0] < fixed[-1]
    assert seconds(**changes) == pytest.approx(sum(fixed) / 3, rel=0.02)
