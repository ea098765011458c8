"""Stages of one run: text before rows, longer rows after short ones, each at its own rate, and kills at a border."""

import json
import shutil
import signal

import pytest

from tests.trainer.builders import passages, row, rows, stage, train_input
from tests.trainer.test_resume import wait_for
from trainer.data.examples import trained_share
from trainer.data.text import Passage, encode_text, runs
from trainer.methods.settings import resolve_method
from trainer.optimization.schedule import make_schedule
from trainer.settings import resolve_settings
from trainer.stages import is_looked_at, stage_after, stage_of

STAGES = [
    stage("Pretrain", name="documents", maxLength=48, maxSteps=6, learningRate=1e-3),
    stage("Sft", name="short", maxLength=64, maxSteps=5),
    stage("Sft", name="long", maxLength=256, maxSteps=7, learningRate=2e-3),
]


@pytest.fixture
def dataset(work):
    return work.dataset(rows(), passages())


def value_of(dataset, **changes):
    training = {"maxSteps": None, "evalSteps": 4, "textWeight": 0}
    return train_input(dataset, stages=STAGES, checkpoint={"everySteps": 4, "keep": 9}, training=training, **changes)


def test_training_12_each_stage_has_its_rows_its_rate_and_its_name(work, dataset):
    run = work.run(value_of(dataset))
    assert run.code == 0
    results = run.results()
    steps = [entry for entry in results["history"] if "loss" in entry]
    assert [entry["stage"] for entry in steps] == [0] * 6 + [1] * 5 + [2] * 7
    rates = {stage: max(entry["learning_rate"] for entry in steps if entry["stage"] == stage) for stage in range(3)}
    assert rates == pytest.approx({0: 1e-3, 1: 5e-3, 2: 2e-3}, rel=0.25)
    # four windows of text have far more trained tokens than four answers
    tokens = [b["tokens"] - a["tokens"] for a, b in zip([{"tokens": 0}, *steps], steps, strict=False)]
    assert max(tokens[:6]) <= 4 * 48
    evaluated = [entry["step"] for entry in results["history"] if "eval_loss" in entry]
    assert {6, 11} <= set(evaluated)
    saved = {path.name for path in (work.store / "runs").glob("*/checkpoints/step-*")}
    assert {"step-6", "step-11"} <= saved
    [border] = (work.store / "runs").glob("*/checkpoints/step-6/stage.json")
    assert json.loads(border.read_text()) == {"stage": 1, "name": "short"}
    lines = next((work.store / "runs").glob("*/progress.jsonl")).read_text("utf-8").splitlines()
    told = {line["step"]: line["stage"] for line in map(json.loads, lines) if "stage" in line}
    assert (told[3], told[9], told[18]) == (0, 1, 2)
    assert [each["name"] for each in results["settings"]["stages"]] == ["documents", "short", "long"]
    # the best weights are those of the last stage
    assert results["final"]["step"] >= 11
    assert "[trained]" in (run.adapter / "mask_preview.txt").read_text("utf-8")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_training_12_a_run_that_is_killed_at_a_border_is_the_run_that_was_not(work, dataset, number):
    value = value_of(dataset)
    undisturbed = work.run(value).digest
    shutil.rmtree(work.store / "runs")
    # before a border was looked at and saved, and right after that
    saved = '"checkpoint saved", "step": 6' if number == signal.SIGKILL else '"step": 7,'
    for text in ('"stage begins"', saved, '"stage begins"'):
        process = work.start(value)
        wait_for(process, text)
        process.send_signal(number)
        process.communicate()
    again = work.wait(work.start(value))
    assert (again.code, again.digest) == (0, undisturbed)


def test_training_18_early_stopping_has_ten_looks_at_a_short_last_stage(work, dataset):
    stages = [stage("Pretrain", maxSteps=90, maxLength=48), stage("Sft", maxSteps=20, maxLength=64)]
    training = {"maxSteps": None, "evalSteps": None, "textWeight": 0}
    # as much patience as there are looks, so that all of them are made
    stopping = {"patience": 10, "minDelta": 0.0}
    run = work.run(train_input(dataset, stages=stages, training=training, earlyStopping=stopping))
    assert run.code == 0
    looks = [entry["step"] for entry in run.results()["history"] if "eval_loss" in entry]
    assert looks == [*range(0, 90, 9), *range(90, 112, 2)]


def test_training_12_looks_are_counted_by_the_steps_of_their_stage():
    value = train_input({}, stages=STAGES, training={"maxSteps": None, "evalSteps": 4})
    stages = resolve_settings(value, 48, "fp32", resolve_method(value, "LoRA")).stages
    assert [step for step in range(19) if is_looked_at(stages, step)] == [0, 4, 6, 10, 11, 15, 18]


def test_training_12_a_dataset_without_text_is_told(work):
    failed = work.run(value_of(work.dataset(rows())))
    assert (failed.code, failed.result["reason"]) == (11, "NoText")
    assert "Pretrain" in failed.result["message"]


def test_training_12_general_rows_are_mixed_in_by_the_weight_of_their_stage(work):
    content = [*rows(train=24), *(row(2000 + number, domain="general") for number in range(24))]
    stages = [stage("Sft", maxSteps=3, domainWeight=1), stage("Sft", maxSteps=3, domainWeight=0.3)]
    run = work.run(train_input(work.dataset(content), stages=stages, training={"maxSteps": None}))
    steps = [entry for entry in run.results()["history"] if "loss" in entry]
    assert not any("loss_general" in entry for entry in steps[:3])
    assert any("loss_general" in entry for entry in steps[3:])


def test_capability_31_a_stage_unfreezes_layers(work, dataset):
    stages = [stage("Sft", maxSteps=2), stage("Sft", maxSteps=2, unfreeze=1)]
    value = train_input(
        dataset,
        method="Freeze",
        freeze={"layers": 2},
        stages=stages,
        training={"maxSteps": None, "learningRate": 1e-3},
        checkpoint={"everySteps": 4, "keep": 2},
    )
    run = work.run(value)
    assert run.code == 0
    assert {"step": 2, "unfrozen_layer": 1} in run.results()["history"]


def test_training_12_a_step_is_in_one_stage():
    value = train_input({}, stages=STAGES, training={"maxSteps": None})
    stages = resolve_settings(value, 48, "fp32", resolve_method(value, "LoRA")).stages
    assert [stage_of(stages, step).index for step in (0, 1, 6, 7, 11, 12, 18)] == [0, 0, 0, 1, 1, 2, 2]
    assert [stage_after(stages, step).index for step in (0, 5, 6, 10, 11, 17, 18)] == [0, 0, 1, 1, 2, 2, 2]


@pytest.mark.parametrize("scheduler", ["cosine", "linear", "constant", "wsd", "reduce_on_plateau"])
def test_training_12_the_rate_of_each_stage_begins_anew(scheduler):
    import torch

    stages = [stage("Sft", maxSteps=100, learningRate=1e-3), stage("Sft", maxSteps=50, learningRate=4e-3)]
    training = {"maxSteps": None, "scheduler": scheduler, "warmup": 0.1}
    value = train_input({}, stages=stages, training=training)
    settings = resolve_settings(value, 48, "fp32", resolve_method(value, "LoRA"))
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=settings.learning_rate)
    # the loss of the first stage stood still, that of the second has none yet
    history = [{"step": step, "eval_loss": 1.0} for step in range(0, 100, 10)]
    schedule = make_schedule(optimizer, settings, lambda: history)
    rates = [settings.learning_rate * schedule.lr_lambdas[0](step) for step in range(150)]
    assert max(rates[:100]) == pytest.approx(1e-3)
    assert max(rates[100:]) == pytest.approx(4e-3)
    if scheduler not in ("constant",):
        assert rates[100] == 0


def test_text_is_read_as_one_where_chunks_follow_each_other_and_each_token_is_foretold_once():
    from worker.models import load

    tokenizer = load({"builtIn": "tiny"}).tokenizer
    known = [
        Passage("a", "docs/a.md", 0, 9, "The red o"),
        Passage("b", "docs/a.md", 9, 20, "ption works"),
        Passage("c", "docs/a.md", 30, 42, "is <|im_end|>"),
        Passage("d", "docs/b.md", 42, 50, "Another."),
    ]
    assert [[passage.id for passage in run] for run in runs(known)] == [["a", "b"], ["c"], ["d"]]
    whole = [example.ids for example in encode_text(tokenizer, known, 4096)]
    cut = encode_text(tokenizer, known, 4)
    assert max(len(example.ids) for example in cut) <= 4
    trained = [
        token for example in cut for token, is_one in zip(example.ids, example.is_trained, strict=True) if is_one
    ]
    assert trained == [token for ids in whole for token in ids[1:]]
    assert "The red option works" in tokenizer.decode(whole[0])
    # a document about templates begins and ends no turn
    special = {token for token in tokenizer.all_special_ids if token != tokenizer.eos_token_id}
    assert not special & set(whole[1][1:-1])
    assert whole[1].count(tokenizer.eos_token_id) == 1
    assert trained_share(encode_text(tokenizer, known, 4096)) > 0.8
