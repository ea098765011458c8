"""Numbers that follow from the data."""

import pytest

from tests.trainer.builders import train_input
from trainer.methods.settings import resolve_method
from trainer.optimization.precision import processor_flags
from trainer.settings import resolve_settings


def resolve(examples=100, everySteps=4, **training):  # noqa: N803 (the field's name)
    value = train_input({"uri": "", "digest": ""}, training=training, checkpoint={"everySteps": everySteps})
    return resolve_settings(value, examples, "fp32", resolve_method(value, "LoRA"))


@pytest.mark.parametrize(
    ("epochs", "batch", "accumulation", "steps"), [(1, 4, 1, 25), (2, 4, 1, 50), (0.5, 4, 1, 13), (3, 8, 4, 12)]
)
def test_epochs_give_the_steps_where_no_number_of_them_is_given(epochs, batch, accumulation, steps):
    settings = resolve(maxSteps=None, epochs=epochs, perDeviceBatchSize=batch, gradientAccumulationSteps=accumulation)
    assert settings.total_steps == steps


def test_a_number_of_steps_is_in_place_of_epochs():
    assert resolve(maxSteps=7, epochs=3).total_steps == 7


def test_a_run_is_evaluated_and_saved_ten_times_unless_told_otherwise():
    settings = resolve(maxSteps=200, evalSteps=None, everySteps=None)
    assert (settings.evaluation_steps, settings.checkpoint_steps) == (20, 20)


@pytest.mark.parametrize(("evaluation_steps", "rows"), [(9, 8), (50, 40), (1000, 64)])
def test_an_evaluation_takes_as_many_rows_as_the_training_can_bear(evaluation_steps, rows):
    assert resolve(evalSteps=evaluation_steps).curve_rows == rows


def test_warmup_is_a_share_of_the_steps():
    assert resolve(maxSteps=200, warmup=0.05).warmup_steps == 10


@pytest.mark.parametrize(
    ("text", "flags"),
    [("flags\t\t: fpu avx512_bf16\n", {"fpu", "avx512_bf16"}), ("Features\t: fp bf16\n", {"fp", "bf16"})],
)
def test_instruction_sets_are_read(tmp_path, text, flags):
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\n{text}")
    assert processor_flags(tmp_path / "cpuinfo") == flags
    assert processor_flags(tmp_path / "none") == set()
