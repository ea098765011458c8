"""Whole runs on packed rows, and on rows about the documents beside general ones."""

import shutil
import signal

import pytest

from tests.trainer.builders import passages, row, rows, train_input
from tests.trainer.test_resume import wait_for
from trainer.data.course import TEXT_WEIGHT


def mixed_rows():
    return [
        *rows(train=24),
        *(row(2000 + number, domain="general") for number in range(24)),
        *(row(3000 + number, "validation", "unseen", domain="general") for number in range(4)),
    ]


def test_training_10_each_domain_has_its_loss_and_general_rows_a_curve(work):
    value = train_input(work.dataset(mixed_rows()), training={"maxSteps": 4, "domainWeight": 0.7})
    run = work.run(value)
    assert run.code == 0
    steps = [entry for entry in run.results()["history"] if "loss" in entry]
    assert all({"loss_documents", "loss_general"} & set(entry) for entry in steps)
    for entry in steps:
        parts = [entry[name] for name in ("loss_documents", "loss_general") if name in entry]
        assert min(parts) - 1e-4 <= entry["loss"] <= max(parts) + 1e-4
    evaluated = [entry for entry in run.results()["history"] if "eval_loss" in entry]
    assert all({"eval_recall_loss", "eval_unseen_loss", "eval_general_loss"} <= set(entry) for entry in evaluated)


def test_training_10_a_weight_without_general_rows_is_refused(work, dataset):
    failed = work.run(train_input(dataset, training={"domainWeight": 0.7}))
    assert (failed.code, failed.result["reason"]) == (11, "NoGeneralRows")
    assert "set training.domainWeight to 1" in failed.result["message"]
    assert work.run(train_input(dataset, training={"maxSteps": 1, "domainWeight": 1})).code == 0


def test_training_10_a_weight_of_a_preset_gives_way_where_there_are_no_general_rows(work, dataset):
    asked = {"maxSteps": 2, "domainWeight": 0.7, "isDomainWeightOptional": True}
    run = work.run(train_input(dataset, training=asked))
    results = run.results()
    assert (run.code, results["settings"]["stages"][0]["domain_weight"]) == (0, None)
    # what was asked for is there as well
    assert results["input"]["training"]["domainWeight"] == 0.7
    [warned] = [one for one in run.result["summary"]["warnings"] if one["reason"] == "NotMixed"]
    assert "training.domainWeight 0.7 of the preset is left out" in warned["message"]
    assert "give the Dataset a spec.mixture" in warned["message"]
    mixed = work.run(train_input(work.dataset(mixed_rows()), run={"id": "bbbbbbbb"}, training=asked))
    assert mixed.results()["settings"]["stages"][0]["domain_weight"] == 0.7
    assert "NotMixed" not in [one["reason"] for one in mixed.result["summary"]["warnings"]]


@pytest.mark.parametrize(("asked", "used"), [(None, TEXT_WEIGHT), (0.4, 0.4), (0, 0)])
def test_training_10_text_of_the_documents_is_read_beside_the_rows(work, asked, used):
    dataset = work.dataset(rows(train=24), passages())
    run = work.run(train_input(dataset, training={"maxSteps": None, "textWeight": asked}))
    assert run.code == 0
    settings = run.results()["settings"]
    assert settings["text_weight"] == used
    # an epoch has the rows, and the windows of text that the weight asks for
    without = -(-24 // settings["batch_size"])
    assert (settings["stages"][0]["steps_an_epoch"] > without) is (used > 0)
    assert run.results()["rows"]["train"] == 24


def test_training_10_a_dataset_without_text_is_trained_without_unless_it_is_asked_for(work, dataset):
    run = work.run(train_input(dataset))
    assert run.results()["settings"]["text_weight"] == 0
    failed = work.run(train_input(dataset, training={"textWeight": 0.2}))
    assert (failed.code, failed.result["reason"]) == (11, "NoText")
    assert "training.textWeight" in failed.result["message"]


def test_training_8_a_packed_and_mixed_run_goes_on_after_sigterm_to_the_same_artifact(work):
    value = train_input(
        work.dataset(mixed_rows(), passages()),
        training={"maxSteps": 16, "packing": True, "domainWeight": 0.5, "maxLength": 128, "perDeviceBatchSize": 1},
    )
    undisturbed = work.run(value)
    assert undisturbed.results()["settings"]["is_packed"]
    shutil.rmtree(work.store / "runs")
    process = work.start(value)
    wait_for(process, '"step": 5,')
    process.send_signal(signal.SIGTERM)
    assert work.wait(process).code == 40
    assert work.wait(work.start(value)).digest == undisturbed.digest
