"""Going on from a checkpoint of another run, and with new data from the adapter of another FineTuneJob."""

import json
import shutil

import pytest
import torch

from tests.trainer.builders import row, rows, train_input

FIRST, SECOND = "aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"
# at this rate a random model cannot but get worse after a while
WORSENING = {"maxSteps": 60, "evalSteps": 2, "learningRate": 0.5, "scheduler": "constant"}
IMPATIENT = {"patience": 2, "minDelta": 0.0}


def value_of(dataset, run=FIRST, **changes):
    training = {"maxSteps": 8, **changes.pop("training", {})}
    return train_input(dataset, run={"id": run}, training=training, checkpoint={"everySteps": 4, "keep": 9}, **changes)


def losses(run):
    return {entry["step"]: entry["loss"] for entry in run.results()["history"] if "loss" in entry}


@pytest.fixture
def begun(work, dataset):
    return work.run(value_of(dataset))


def test_capability_48_a_run_goes_on_from_a_checkpoint_of_another_run(work, dataset, begun):
    again = work.run(value_of(dataset, SECOND, resumeFrom={"run": FIRST, "step": 4}))
    assert again.code == 0
    # the same steps as there, the first four by it
    assert losses(again) == losses(begun)
    lines = (work.store / "runs" / SECOND / "progress.jsonl").read_text("utf-8").splitlines()
    assert min(json.loads(line)["step"] for line in lines) == 4
    assert again.results()["final"] == begun.results()["final"]
    assert json.loads((again.adapter / "manifest.json").read_text())["resumeFrom"] == {"run": FIRST, "step": 4}
    # it does not need the other one any more
    shutil.rmtree(work.store / "runs" / FIRST)
    shutil.rmtree(again.adapter)
    republished = work.run(value_of(dataset, SECOND, resumeFrom={"run": FIRST, "step": 4}))
    assert republished.digest == again.digest


def test_capability_48_more_steps_go_on_where_fewer_ended(work, dataset, begun):
    longer = work.run(value_of(dataset, SECOND, resumeFrom={"run": FIRST, "step": None}, training={"maxSteps": 12}))
    assert longer.code == 0
    assert max(losses(longer)) == 12
    assert {step: loss for step, loss in losses(longer).items() if step <= 8} == losses(begun)


@pytest.fixture
def stopped_early(work, dataset):
    run = work.run(value_of(dataset, training=WORSENING, earlyStopping=IMPATIENT))
    assert run.results()["lastStep"] < 60
    return run


def test_training_23_a_run_goes_on_where_another_one_stopped_early(work, dataset, stopped_early):
    calmer = {**WORSENING, "learningRate": 5e-3}
    again = work.run(value_of(dataset, SECOND, resumeFrom={"run": FIRST, "step": None}, training=calmer))
    assert again.code == 0
    assert again.results()["lastStep"] == 60
    assert sorted(losses(again)) == list(range(1, 61))


def test_training_23_early_stopping_counts_no_look_of_the_run_that_is_gone_on_from(work, dataset, stopped_early):
    asked = {"resumeFrom": {"run": FIRST, "step": None}, "earlyStopping": IMPATIENT}
    again = work.run(value_of(dataset, SECOND, training=WORSENING, **asked))
    # as many looks of its own as the patience
    assert again.results()["lastStep"] >= stopped_early.results()["lastStep"] + 4


def rates(run):
    return {entry["step"]: entry["learning_rate"] for entry in run.results()["history"] if "learning_rate" in entry}


def groups(work, run, step):
    """The groups of the optimizer in a checkpoint, without their parameters."""
    file = work.store / "runs" / run / "checkpoints" / f"step-{step}" / "optimizer.pt"
    return [
        {name: group[name] for name in ("lr", "initial_lr", "weight_decay")}
        for group in torch.load(file, weights_only=True)["param_groups"]
    ]


@pytest.mark.parametrize("lora", [{}, {"plusRatio": 4}], ids=["one rate", "LoRA+"])
def test_training_23_a_run_goes_on_at_the_rate_and_weight_decay_of_its_own_spec(work, dataset, lora):
    work.run(value_of(dataset, lora=lora))
    other = {"learningRate": 1e-3, "weightDecay": 0.3, "scheduler": "linear"}
    again = work.run(value_of(dataset, SECOND, lora=lora, resumeFrom={"run": FIRST, "step": 4}, training=other))
    assert again.code == 0
    # what a run has that was begun so
    alone = work.run(value_of(dataset, "cccccccccccccccc", lora=lora, training=other))
    later = {step: rate for step, rate in rates(again).items() if step > 4}
    assert later == {step: rate for step, rate in rates(alone).items() if step > 4}
    assert sorted(later) == [5, 6, 7, 8]
    assert groups(work, SECOND, 8) == groups(work, "cccccccccccccccc", 8)
    assert {group["weight_decay"] for group in groups(work, SECOND, 8)} == {0.3}


def test_training_23_more_steps_begin_at_the_rate_of_the_longer_run(work, dataset, begun):
    longer = value_of(dataset, SECOND, resumeFrom={"run": FIRST, "step": None}, training={"maxSteps": 12})
    alone = value_of(dataset, "cccccccccccccccc", training={"maxSteps": 12})
    # the cosine of the run of 8 steps had come to zero
    assert rates(work.run(longer))[9] == rates(work.run(alone))[9] > 0


@pytest.mark.parametrize(
    ("changes", "code", "reason", "word"),
    [
        ({"resumeFrom": {"run": "cccccccccccccccc", "step": None}}, 10, "ResumeFromNotFound", "status.run.id"),
        ({"resumeFrom": {"run": FIRST, "step": 5}}, 10, "ResumeFromNotFound", "steps: 8, 4"),
        ({"training": {"maxSteps": 8}}, 10, "ResumeFromUnfit", "raise training.epochs"),
        ({"method": "DoRA", "training": {"maxSteps": 12}}, 11, "ResumeFromUnfit", "spec.method"),
        ({"training": {"maxSteps": 12, "perDeviceBatchSize": 2}}, 11, "ResumeFromUnfit", "perDeviceBatchSize"),
        ({"lora": {"rank": 4}, "training": {"maxSteps": 12}}, 11, "ResumeFromUnfit", "lora.rank"),
        ({"training": {"maxSteps": 12, "precision": "bf16"}}, 11, "ResumeFromUnfit", "training.precision"),
        ({"training": {"maxSteps": 12, "optimizer": "AdamW8bit"}}, 11, "ResumeFromUnfit", "training.optimizer"),
        ({"lora": {"plusRatio": 4}, "training": {"maxSteps": 12}}, 11, "ResumeFromUnfit", "lora.plusRatio"),
    ],
)
def test_capability_48_another_run_is_refused_with_the_field(work, dataset, begun, changes, code, reason, word):
    failed = work.run(value_of(dataset, SECOND, **{"resumeFrom": {"run": FIRST, "step": None}, **changes}))
    assert (failed.code, failed.result["reason"]) == (code, reason)
    assert word in failed.result["message"]


def test_capability_48_a_checkpoint_of_other_rows_is_refused_and_the_way_for_them_is_told(work, begun):
    other = work.dataset(rows(train=40))
    failed = work.run(value_of(other, SECOND, resumeFrom={"run": FIRST, "step": 4}))
    assert (failed.code, failed.result["reason"]) == (11, "ResumeFromUnfit")
    assert "spec.initAdapterFrom" in failed.result["message"]


def artifact_of(run):
    return {name: run.result["artifact"][name] for name in ("uri", "digest")}


def new_rows():
    return [*(row(100 + number) for number in range(24)), *rows(train=0)]


def test_capability_48_new_data_are_trained_onto_the_adapter_of_another_job(work, begun):
    value = value_of(work.dataset(new_rows()), SECOND, initAdapter=artifact_of(begun))
    run = work.run(value)
    assert run.code == 0
    # before the first step it is the other adapter, on the same validation rows
    [first] = [entry for entry in run.results()["history"] if entry["step"] == 0]
    assert first["eval_loss"] == pytest.approx(begun.result["summary"]["evalLoss"], rel=1e-4)
    assert json.loads((run.adapter / "manifest.json").read_text())["initAdapter"] == artifact_of(begun)
    # steps, optimizer and schedule are of the new run
    assert sorted(losses(run)) == list(range(1, 9))


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"method": "DoRA"}, "spec.method"),
        ({"lora": {"rank": 4}}, "lora.rank"),
        ({"lora": {"targetModules": ["q_proj"]}}, "lora.targetModules"),
        ({"lora": {"init": "pissa"}}, "lora.init"),
        ({"lora": {"alpha": 64}}, "lora.alpha of the adapter is 16 and not 64: set lora.alpha to 16"),
        ({"lora": {"rsLoRA": True}}, "lora.rsLoRA of the adapter is false and not true: set lora.rsLoRA to false"),
        ({"lora": {"bias": "lora_only"}}, "lora.bias"),
        ({"lora": {"modulesToSave": ["lm_head"]}}, "lora.modulesToSave"),
    ],
)
def test_capability_48_an_adapter_that_does_not_fit_is_refused_with_the_field(work, dataset, begun, changes, word):
    failed = work.run(value_of(dataset, SECOND, initAdapter=artifact_of(begun), **changes))
    assert (failed.code, failed.result["reason"]) == (11, "InitAdapterUnfit")
    assert word in failed.result["message"]


@pytest.mark.parametrize(("lora", "alpha"), [({}, 32), ({"rsLoRA": True}, 23)], ids=["LoRA", "rsLoRA"])
def test_training_23_a_converted_adapter_is_gone_on_from_with_the_rank_and_alpha_that_it_has(
    work, dataset, lora, alpha
):
    begun = work.run(value_of(dataset, lora={"init": "pissa", **lora}))
    # what it was asked for with, which is not what was published
    unfit = work.run(value_of(dataset, SECOND, lora=lora, initAdapter=artifact_of(begun)))
    message = unfit.result["message"]
    assert (unfit.code, unfit.result["reason"]) == (11, "InitAdapterUnfit")
    assert f"set lora.rank to 16 and lora.alpha to {alpha}" in message
    assert 'init "pissa"' in message
    lora = {**lora, "rank": 16, "alpha": alpha}
    run = work.run(value_of(dataset, SECOND, lora=lora, initAdapter=artifact_of(begun)))
    assert run.code == 0
    [first] = [entry for entry in run.results()["history"] if entry["step"] == 0]
    assert first["eval_loss"] == pytest.approx(begun.result["summary"]["evalLoss"], rel=1e-3)


def test_capability_48_an_adapter_of_another_base_model_or_digest_is_refused(work, dataset, begun):
    manifest = begun.adapter / "manifest.json"
    wrong = {**artifact_of(begun), "digest": "sha256:" + "0" * 64}
    failed = work.run(value_of(dataset, SECOND, initAdapter=wrong))
    assert (failed.code, failed.result["reason"]) == (11, "DigestMismatch")
    manifest.write_text(manifest.read_text("utf-8").replace("tiny@", "other@"), "utf-8")
    failed = work.run(value_of(dataset, SECOND, initAdapter=artifact_of(begun)))
    assert (failed.code, failed.result["reason"]) == (11, "DigestMismatch")


def test_capability_48_the_base_model_is_that_of_the_adapter(begun):
    from trainer.checkpoints.init_adapter import check_init
    from worker.failure import WorkerFailure

    with pytest.raises(WorkerFailure, match=r"spec\.baseModel"):
        check_init(begun.adapter, "other@sha256:00", "LoRA", train_input({}))
