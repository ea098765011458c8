"""Optimizers, warmup, attention, determinism: what a run computes with, and that it goes on with the same."""

import shutil

import pytest
import torch

from tests.trainer.builders import train_input
from tests.trainer.test_resume import wait_for
from trainer.admission.preflight import plan_of, with_checkpointing
from trainer.admission.vram import needed, shape_of
from trainer.methods.settings import resolve_method
from trainer.optimization.machinery import LEAST_STEPS_TO_COMPILE, Machinery, set_up
from trainer.settings import resolve_settings

# 8-bit states begin at 4096 numbers a matrix
LARGE = {"rank": 64, "dropout": 0.0}


@pytest.fixture
def built(monkeypatch):
    """The optimizers that runs have made."""
    from trainer.optimization.loop import AnswerTrainer

    made, create = [], AnswerTrainer.create_optimizer

    def spy(self, model=None):
        made.append(create(self, model))
        return made[-1]

    monkeypatch.setattr(AnswerTrainer, "create_optimizer", spy)
    return made


@pytest.mark.parametrize(
    ("optimizer", "kind", "rate"),
    [("AdamW", "AdamW", 5e-3), ("AdamW8bit", "AdamW", 5e-3), ("Adafactor", "Adafactor", 5e-3), ("SGD", "SGD", 0.5)],
)
def test_capability_41_each_optimizer_learns(work, dataset, built, optimizer, kind, rate):
    value = train_input(dataset, lora=LARGE, training={"optimizer": optimizer, "learningRate": rate})
    run = work.run(value)
    assert run.code == 0
    assert kind in type(built[-1].optimizer if hasattr(built[-1], "optimizer") else built[-1]).__name__
    losses = [entry["loss"] for entry in run.results()["history"] if "loss" in entry]
    assert losses[-1] < losses[0]
    assert run.results()["settings"]["machinery"]["optimizer"] == optimizer


def test_capability_41_the_state_of_the_optimizer_has_8_bits(work, dataset, built):
    work.run(train_input(dataset, lora=LARGE, training={"optimizer": "AdamW8bit", "maxSteps": 2}))
    optimizer = getattr(built[-1], "optimizer", built[-1])
    kinds = {state["state1"].dtype for state in optimizer.state.values() if state["state1"].numel() >= 4096}
    assert kinds == {torch.uint8}


@pytest.mark.parametrize("optimizer", ["AdamW8bit", "Adafactor"])
def test_capability_41_a_run_goes_on_with_the_state_of_its_optimizer(work, dataset, optimizer):
    value = train_input(dataset, lora=LARGE, training={"optimizer": optimizer, "maxSteps": 16, "evalSteps": 8})
    undisturbed = work.run(value).digest
    shutil.rmtree(work.store / "runs")
    process = work.start(value)
    wait_for(process, '"step": 6,')
    process.kill()
    process.communicate()
    assert work.wait(work.start(value)).digest == undisturbed


@pytest.mark.parametrize(("asked", "steps"), [(None, 3), (7, 7), (0, 0), (100, 10)])
def test_capability_42_steps_that_warm_up_are_a_tenth_at_the_most(asked, steps):
    value = train_input({}, training={"maxSteps": 100, "warmup": 0.03, "warmupSteps": asked})
    assert resolve_settings(value, 48, "fp32", resolve_method(value, "LoRA")).warmup_steps == steps


def test_training_27_a_deterministic_run_uses_such_algorithms_and_the_next_one_does_not(work, dataset, monkeypatch):
    seen = []
    monkeypatch.setattr("trainer.optimization.loop.AnswerTrainer.end_step", lambda _: seen.append(_is_deterministic()))
    assert work.run(train_input(dataset, training={"deterministic": True, "maxSteps": 1})).code == 0
    changed = train_input(dataset, run={"id": "aaaaaaaa"}, training={"maxSteps": 1})
    assert work.run(changed).code == 0
    assert seen == [True, False]


def _is_deterministic():
    return torch.are_deterministic_algorithms_enabled()


@pytest.mark.parametrize("is_tf32", [True, False])
def test_training_13_tf32_is_a_choice(is_tf32):
    set_up(Machinery(is_tf32=is_tf32))
    assert torch.backends.cuda.matmul.allow_tf32 is is_tf32
    set_up(Machinery())


def test_training_13_short_runs_are_not_compiled():
    training = train_input({}, training={"compile": True})["training"]
    assert not Machinery.of(training, LEAST_STEPS_TO_COMPILE - 1).is_compiled
    assert Machinery.of(training, LEAST_STEPS_TO_COMPILE).arguments()["torch_compile"]


@pytest.mark.parametrize("attention", ["Eager", "Sdpa"])
def test_training_13_attention_is_computed_as_asked_for(work, dataset, monkeypatch, attention):
    from trainer.optimization.loop import AnswerTrainer

    seen = []
    monkeypatch.setattr(
        AnswerTrainer, "rehearse", lambda self: seen.append(self.model.get_base_model().config._attn_implementation)
    )
    assert work.run(train_input(dataset, training={"attention": attention, "maxSteps": 1})).code == 0
    assert seen == [attention.lower()]


def test_capability_39_checkpointing_is_switched_on_only_where_the_run_would_not_fit():
    from transformers import LlamaConfig

    config = LlamaConfig(hidden_size=1024, intermediate_size=4096, num_hidden_layers=24, vocab_size=32000)
    value = train_input({}, training={"gradientCheckpointing": None, "maxLength": 4096})
    method, shape = resolve_method(value, "LoRA"), shape_of(config)

    def asked(is_on):
        return {**value, "training": {**value["training"], "gradientCheckpointing": is_on}}

    def chosen(given, capacity):
        return with_checkpointing(given, config, method, "bf16", capacity)["training"]["gradientCheckpointing"]

    most, least = (needed(shape, plan_of(asked(is_on), method, shape.layers, "bf16")) for is_on in (False, True))
    assert least < most
    assert [chosen(value, capacity) for capacity in (None, most, (most + least) / 2)] == [False, False, True]
    # what is asked for is left alone
    assert [chosen(asked(is_on), least) for is_on in (True, False)] == [True, False]


def test_capability_39_checkpointing_gives_the_same_losses(work, dataset):
    def losses(is_on):
        value = train_input(
            dataset, run={"id": "0b" * 8 if is_on else "0a" * 8}, lora={"dropout": 0.0}, training={"maxSteps": 3}
        )
        value["training"]["gradientCheckpointing"] = is_on
        return [entry["loss"] for entry in work.run(value).results()["history"] if "loss" in entry]

    assert losses(True) == pytest.approx(losses(False), rel=1e-5)
