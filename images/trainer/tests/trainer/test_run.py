"""A whole run on tiny: what it leaves in the store, and that it learns."""

import shutil
import subprocess

import pytest

from tests.trainer.builders import rows, train_input
from tests.trainer.workplace import Workplace
from worker.contract import problem


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return Workplace(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def dataset(work):
    return work.dataset(rows())


@pytest.fixture(scope="module")
def run(work, dataset):
    return work.run(train_input(dataset))


def test_the_artifact_is_whole_and_the_result_fits_the_contract(run):
    assert (run.code, problem("train-result", run.result)) == (0, None)
    checked = subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=run.adapter, check=False)
    digest = subprocess.run(["sha256sum", "SHA256SUMS"], cwd=run.adapter, capture_output=True, text=True, check=True)
    assert (checked.returncode, f"sha256:{digest.stdout.split()[0]}") == (0, run.result["artifact"]["digest"])
    files = {path.relative_to(run.adapter).as_posix() for path in run.adapter.rglob("*") if path.is_file()}
    assert files >= {
        "adapter/adapter_config.json",
        "adapter/adapter_model.safetensors",
        "adapter/tokenizer.json",
        "adapter/chat_template.jinja",
        "experiment_results.json",
        "generated_samples.jsonl",
        "generated_samples.txt",
        "loss_curve.csv",
        "loss_curve.png",
        "loss_curve.svg",
        "manifest.json",
        "mask_preview.txt",
        "README.md",
    }
    assert all(path.stat().st_mode & 0o044 == 0o044 for path in run.adapter.rglob("*"))


def test_the_results_tell_all_parameters_and_the_course(run):
    results = run.results()
    assert results["settings"]["learning_rate"] == 5e-3
    assert results["settings"]["precision"] == "fp32"
    assert {"torch", "transformers", "peft"} <= set(results["libraries"])
    steps = [entry["step"] for entry in results["history"] if "loss" in entry]
    assert steps == list(range(1, 13))
    evaluated = [entry["step"] for entry in results["history"] if "eval_loss" in entry]
    assert evaluated == [0, 4, 8, 12]
    assert results["final"]["evalLoss"] == run.result["summary"]["evalLoss"]
    assert results["baseModelNote"] in (run.adapter / "README.md").read_text("utf-8")


def test_peft_loads_the_adapter_and_it_knows_more_than_its_base(run, work):
    import torch
    from peft import PeftModel

    from trainer.data.batches import Collator
    from trainer.data.examples import to_example
    from trainer.optimization.loss import answer_loss
    from worker.models import load
    from worker.rows import load_rows

    base = load({"builtIn": "tiny"})
    dataset = work.store / run.results()["dataset"]["uri"].removeprefix("pvc://doctune-artifacts/")
    asked = [row for row in load_rows(dataset, "validation") if row.probe == "recall"]
    batch = Collator(base.tokenizer.pad_token_id)([to_example(base.tokenizer, row) for row in asked])
    model = PeftModel.from_pretrained(base.model, run.adapter / "adapter").eval()
    with torch.no_grad():
        tuned = answer_loss(model, batch)
        with model.disable_adapter():
            untuned = answer_loss(model, batch)
    assert tuned.total / tuned.tokens == pytest.approx(run.result["summary"]["evalRecallLoss"], rel=1e-4)
    assert tuned.total < 0.85 * untuned.total


def test_the_same_input_gives_the_same_artifact(run, work, dataset):
    shutil.rmtree(work.store / "runs")
    assert work.run(train_input(dataset)).digest == run.digest


def test_training_9_accumulated_batches_train_like_one_large_batch(work, dataset):
    def losses(batch, accumulation, run_id):
        value = train_input(
            dataset,
            run={"id": run_id},
            lora={"dropout": 0.0},
            training={"perDeviceBatchSize": batch, "gradientAccumulationSteps": accumulation, "maxSteps": 2},
        )
        return [entry["loss"] for entry in work.run(value).results()["history"] if "loss" in entry]

    # the first step sees the same rows only if all rows fit into it
    assert losses(48, 1, "aaaaaaaa") == pytest.approx(losses(12, 4, "bbbbbbbb"), rel=1e-4)


def test_a_dataset_without_validation_rows_is_trained_without_curves(work):
    value = train_input(work.dataset(rows(recall=0, unseen=0)), run={"id": "cccccccc"}, training={"maxSteps": 2})
    run = work.run(value)
    assert (run.code, run.result["summary"]["evalLoss"]) == (0, None)
