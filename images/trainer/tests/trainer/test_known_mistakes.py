"""Mistakes of a published source: the trainer does not make them. Those with a test elsewhere are not repeated here."""

import worker.rows
from tests.trainer.builders import row, rows, train_input
from trainer.methods.settings import resolve_method
from trainer.settings import resolve_settings


def test_known_mistake_12_the_test_split_decides_nothing(work, monkeypatch):
    read = []

    def spy(dataset, split):
        read.append(split)
        return worker.rows.load_rows(dataset, split)

    monkeypatch.setattr("trainer.data.rows.load_rows", spy)
    content = [*rows(), *(row(2000 + number, "test", "unseen") for number in range(6))]
    results = work.run(train_input(work.dataset(content), training={"maxSteps": 2})).results()
    assert set(read) == {"train", "validation"}
    assert results["rows"]["validation"] == {"recall": 6, "unseen": 6}


def test_known_mistake_13_early_stopping_does_not_wait_for_epochs():
    value = train_input(
        {}, training={"maxSteps": None, "epochs": 3, "evalSteps": None}, earlyStopping={"patience": 3, "minDelta": 0}
    )
    settings = resolve_settings(value, 48, "fp32", resolve_method(value, "LoRA"))
    steps_an_epoch = settings.total_steps // 3
    # looks that are no better three times in a row end the run within an epoch, not after three
    assert settings.early_stopping.patience * settings.evaluation_steps < steps_an_epoch
