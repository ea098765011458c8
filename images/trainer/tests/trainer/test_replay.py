"""General rows: always there, in every run's plan at their share, and the model is held to what it said of them."""

import shutil
import signal
from types import SimpleNamespace

import pytest
import torch
from peft import LoraConfig, get_peft_model

from tests.trainer.builders import passages, rows, stage, train_input
from tests.trainer.test_resume import wait_for
from trainer.data.batches import Collator
from trainer.data.general_rows import general_chats
from trainer.optimization.replay import Replay, check_replay, divergence, general_examples
from worker.failure import WorkerFailure
from worker.models import load


def test_general_rows_are_the_same_for_a_seed_and_enough_for_a_run():
    assert general_chats(1) == general_chats(1) != general_chats(2)
    assert len(general_chats(1)) > 300
    assert all(chat[0]["role"] == "user" and chat[1]["content"].endswith(".") for chat in general_chats(1))


class Whole:
    rank, world_size = 0, 1


class Second:
    rank, world_size = 1, 2


@pytest.mark.parametrize("share, batch", [(0.25, 4), (0.375, 4), (1, 2), (0.1, 1), (2, 3)])
def test_the_share_of_general_rows_is_kept_over_the_batches(share, batch):
    settings = SimpleNamespace(batch_size=batch, replay=share, accumulation=1)
    replay = Replay(list(range(7)), settings, Whole, None)
    drawn = [row for number in range(40) for row in replay.rows(number)]
    assert drawn == [number % 7 for number in range(int(40 * batch * share))]
    second = Replay(list(range(7)), settings, Second, None)
    # two processes take turns
    assert [second.rows(number) for number in range(20)] == [replay.rows(2 * number + 1) for number in range(20)]


def test_a_sharded_model_cannot_be_held_and_the_message_has_the_remedy():
    check_replay(0.25, "LoRA", is_sharded=False)
    check_replay(0, "Full", is_sharded=True)
    with pytest.raises(WorkerFailure, match=r'training.replay .* "DDP"'):
        check_replay(0.25, "LoRA", is_sharded=True)
    with pytest.raises(WorkerFailure, match=r'method "Full" .* "LoRA"'):
        check_replay(0.25, "Full", is_sharded=False)


@pytest.fixture(scope="module")
def held():
    base = load({"builtIn": "tiny"})
    batch = Collator(base.tokenizer.pad_token_id)(general_examples(base.tokenizer, 0.25, 256, 42)[:3])
    model = get_peft_model(base.model, LoraConfig(task_type="CAUSAL_LM", r=8, target_modules="all-linear"))
    return model, batch


def test_a_model_that_says_what_it_said_before_is_not_held_back(held):
    model, batch = held
    assert divergence(model, batch).item() == pytest.approx(0, abs=1e-4)


def test_a_model_that_says_something_else_is_pulled_back_by_its_adapter_alone(held):
    model, batch = held
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=0.05)
    away = divergence(model, batch)
    away.backward()
    assert away.item() > 0.01
    moved = {name for name, weight in model.named_parameters() if weight.grad is not None}
    assert moved and all("lora_" in name for name in moved)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.grad is not None:
                weight.sub_(0.02 * weight.grad / weight.grad.norm())
    assert divergence(model, batch).item() < away.item()


def test_the_logged_loss_is_that_of_the_answers_alone(work, dataset):
    first = work.run(train_input(dataset, training={"maxSteps": 2, "replay": 1})).results()["history"]
    shutil.rmtree(work.store / "runs")
    other = work.run(train_input(dataset, training={"maxSteps": 2, "replay": 0})).results()["history"]
    losses = [[entry["loss"] for entry in history if "loss" in entry] for history in (first, other)]
    # a fresh adapter diverges by nothing, so the first step is the same; the warmup keeps the second one close
    assert losses[0][0] == pytest.approx(losses[1][0], rel=1e-5)


def test_a_run_with_general_rows_goes_on_to_the_same_artifact(work, dataset):
    value = train_input(dataset, training={"maxSteps": 24, "replay": 0.4}, checkpoint={"everySteps": 8, "keep": 2})
    undisturbed = work.run(value).digest
    shutil.rmtree(work.store / "runs")
    process = work.start(value)
    wait_for(process, '"step": 11,')
    process.send_signal(signal.SIGTERM)
    assert work.wait(process).code == 40
    resumed = work.wait(work.start(value))
    assert (resumed.code, resumed.digest) == (0, undisturbed)


def test_training_12_general_rows_stand_beside_text_and_rows_through_all_stages(work, monkeypatch):
    held = {}

    def spy(replay, model, number, divergence=Replay.divergence):
        found = divergence(replay, model, number)
        # the largest batch is tried before the first step, by the number of the first one
        held[number] = found.item()
        return found

    monkeypatch.setattr(Replay, "divergence", spy)
    stages = [stage("Pretrain", maxLength=48, maxSteps=4, learningRate=5e-3), stage("Sft", maxLength=256, maxSteps=3)]
    value = train_input(
        work.dataset(rows(), passages()), stages=stages, training={"maxSteps": None, "replay": 1, "evalSteps": 7}
    )
    run = work.run(value)
    assert run.code == 0
    steps = [entry for entry in run.results()["history"] if "loss" in entry]
    assert [entry["stage"] for entry in steps] == [0] * 4 + [1] * 3
    assert sorted(held) == list(range(7))
    # a fresh adapter changes nothing; what text alone moves away is held as well
    assert held[0] == pytest.approx(0, abs=1e-4)
    assert all(held[number] > 1e-4 for number in (2, 3, 4, 5, 6))
