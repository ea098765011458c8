"""What a user can get wrong: each gives its exit code, its reason, and a message that names the field."""

import pytest

from tests.trainer.builders import row, rows, train_input


def has_digest(dataset, digit):
    return {**dataset, "digest": "sha256:" + digit * 64}


@pytest.mark.parametrize(
    ("change", "code", "reason", "words"),
    [
        (
            {"lora": {"targetModules": ["c_attn"]}},
            10,
            "UnknownTargetModules",
            ["lora.targetModules", "c_attn", "q_proj"],
        ),
        (
            {"lora": {"targetModules": ["q_proj", "nope"]}},
            10,
            "UnknownTargetModules",
            ['no linear module "nope"', "all-linear"],
        ),
        ({"training": {"precision": "fp16"}}, 10, "UnfitPrecision", ["training.precision"]),
        ({"training": {"maxSteps": "many"}}, 10, "InvalidInput", ["training.maxSteps"]),
        ({"training": {"maxLength": 8}}, 11, "RowsTooLong", ["training.maxLength", "or more"]),
        ({"training": {"learningRate": 1e30, "maxGradNorm": 1e30}}, 30, "LossNotFinite", ["training.learningRate"]),
        ({"baseModel": {"path": "/nowhere"}}, 12, "BaseModelNotFound", ["baseModel", "/nowhere"]),
    ],
)
def test_bad_input_is_told(work, short_run, change, code, reason, words):
    value = {**short_run}
    for section, fields in change.items():
        value[section] = fields if section == "baseModel" else {**value[section], **fields}
    failed = work.run(value)
    assert (failed.code, failed.result["reason"]) == (code, reason)
    assert [word for word in words if word not in failed.result["message"]] == []


def test_a_dataset_with_another_digest_is_refused(work, dataset):
    failed = work.run(train_input(has_digest(dataset, "0")))
    assert (failed.code, failed.result["reason"]) == (11, "DigestMismatch")


def test_a_changed_file_of_the_dataset_is_refused(work, dataset):
    file = next((work.store / "artifacts/datasets").glob("*/train.jsonl"))
    file.write_text(file.read_text("utf-8").replace("red", "rot"), "utf-8")
    failed = work.run(train_input(dataset))
    assert (failed.code, failed.result["reason"]) == (11, "DigestMismatch")


def test_a_dataset_without_training_rows_is_refused(work):
    failed = work.run(train_input(work.dataset(rows(train=0))))
    assert (failed.code, failed.result["reason"]) == (11, "NoTrainingRows")


def test_a_row_that_ends_with_a_question_is_refused(work):
    question = [{"role": "user", "content": "What?"}, {"role": "user", "content": "Is it?"}]
    failed = work.run(train_input(work.dataset([row(0, messages=question)])))
    assert (failed.code, failed.result["reason"]) == (11, "InvalidRow")
    assert '"train.jsonl" line 1' in failed.result["message"]
    assert "datasetRef" in failed.result["message"]


def test_a_dataset_that_changes_under_a_run_is_refused(work, dataset):
    assert work.run(train_input(dataset, training={"maxSteps": 1})).code == 0
    other = work.dataset(rows(train=20))
    failed = work.run(train_input(other, training={"maxSteps": 1}))
    assert (failed.code, failed.result["reason"]) == (11, "InputsChanged")
    assert other["digest"] in failed.result["message"]


def test_a_full_store_is_told(work, short_run, monkeypatch):
    import transformers

    def fail(*_):
        raise RuntimeError("PytorchStreamWriter failed writing file data/0: file write failed")

    monkeypatch.setattr(transformers.Trainer, "_save_checkpoint", fail)
    monkeypatch.setattr("trainer.checkpoints.sealed.FULL_BELOW_BYTES", 1 << 62)
    failed = work.run(short_run)
    assert (failed.code, failed.result["reason"]) == (51, "StoreFull")
