"""Each method in a run that lacks memory or goes wrong: what it builds is built again, and goes on where it was."""

import pytest
import torch

from tests.trainer.builders import train_input
from trainer.checkpoints.resume import ResumeCallback
from trainer.methods.settings import resolve_method
from trainer.methods.trained import trained_parameters
from trainer.optimization.loss import TokenLoss, answer_loss
from trainer.robustness.ladder import complaint
from trainer.settings import resolve_settings

LORA = {"rank": 4, "alpha": 8, "dropout": 0.0}
METHODS = {
    "LoRA+": {"method": "LoRA", "lora": {**LORA, "plusRatio": 16}, "training": {"learningRate": 1e-3}},
    "PiSSA": {"method": "LoRA", "lora": {**LORA, "init": "pissa"}, "training": {"learningRate": 1e-3}},
    "LoftQ": {"method": "QLoRA", "lora": {**LORA, "init": "loftq"}, "training": {"learningRate": 1e-3}},
    "DoRA": {"method": "DoRA", "lora": LORA, "training": {"learningRate": 1e-3}},
    "AdaLoRA": {"method": "AdaLoRA", "lora": LORA, "training": {"learningRate": 5e-3}},
    "IA3": {"method": "IA3", "training": {"learningRate": 5e-3}},
    "PromptTuning": {"method": "PromptTuning", "training": {"learningRate": 5e-3}},
    "Freeze": {
        "method": "Freeze",
        "freeze": {"layers": 3, "unfreezeEverySteps": 3},
        "training": {"learningRate": 1e-3},
    },
    "Full": {"method": "Full", "training": {"learningRate": 1e-3}},
}


@pytest.fixture
def value(dataset):
    def of(name, **training):
        own = METHODS[name]
        training = {"maxSteps": 10, "evalSteps": 5, "perDeviceBatchSize": 2, **own["training"], **training}
        return train_input(dataset, **{**own, "training": training, "checkpoint": {"everySteps": 3, "keep": 3}})

    return of


@pytest.fixture
def disturb(monkeypatch):
    """Has `change` applied to the training losses with these numbers, counted from 1 over all attempts."""

    def install(numbers, change):
        trained = iter(range(1, 1000))

        def loss(model, batch, *_):
            sound = answer_loss(model, batch)
            return change(sound) if torch.is_grad_enabled() and next(trained) in numbers else sound

        monkeypatch.setattr("trainer.optimization.loop.answer_loss", loss)

    return install


def out_of_memory(_loss):
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")


def not_finite(loss):
    return TokenLoss(loss.total * float("nan"), loss.tokens)


def losses(results):
    return {entry["step"]: entry["loss"] for entry in results["history"] if "loss" in entry}


def undisturbed(work, value):
    return work.run({**value, "run": {**value["run"], "id": "aaaaaaaaaaaaaaaa"}}).results()


@pytest.mark.parametrize("name", METHODS)
def test_training_16_each_method_goes_on_with_less_memory(work, value, disturb, name):
    before = undisturbed(work, value(name))
    # the sixth step after the rehearsal, and the rehearsal of the next attempt
    disturb({1 + 6, 1 + 7}, out_of_memory)
    run = work.run(value(name))
    assert run.code == 0, run.result
    assert run.result["summary"]["ladder"] == ["MicroBatch", "GradientCheckpointing"]
    after = run.results()
    assert [each["step"] for each in after["interventions"]] == [5, 5]
    assert losses(after) == pytest.approx(losses(before), rel=1e-3)
    assert after["trainableParameters"] == before["trainableParameters"]
    unfrozen = [entry["step"] for entry in after["history"] if "unfrozen_layer" in entry]
    assert unfrozen == ([3, 6, 9] if name == "Freeze" else [])


@pytest.mark.parametrize("name", METHODS)
def test_training_17_each_method_goes_back_to_its_last_good_checkpoint(work, value, disturb, name):
    before = undisturbed(work, value(name))
    disturb({1 + 5, 1 + 6, 1 + 7}, not_finite)
    run = work.run(value(name))
    assert run.code == 0, run.result
    after = run.results()
    assert [(each["kind"], each["step"]) for each in after["interventions"]] == [("RollBack", 3)]
    assert list(losses(after)) == list(range(1, 11))
    # the fourth step has the weights that it would have had without trouble, bit by bit
    assert [losses(after)[step] for step in range(1, 5)] == [losses(before)[step] for step in range(1, 5)]


@pytest.mark.parametrize("name", METHODS)
def test_training_17_a_step_that_is_left_out_changes_no_weight_of_any_method(work, value, disturb, monkeypatch, name):
    weights = {}

    begin = ResumeCallback.on_step_begin

    def remember(self, args, state, control, **rest):
        begin(self, args, state, control, **rest)
        trained = trained_parameters(self.trainer.model)
        weights[state.global_step] = {key: weight.detach().clone() for key, weight in trained}

    monkeypatch.setattr(ResumeCallback, "on_step_begin", remember)
    disturb({1 + 5}, not_finite)
    results = work.run(value(name)).results()
    assert (results["lastStep"], results["interventions"]) == (10, [])
    same = {key: torch.equal(weight, weights[5][key]) for key, weight in weights[4].items()}
    assert all(same.values()), same
    assert not all(torch.equal(weight, weights[6][key]) for key, weight in weights[5].items())


@pytest.mark.parametrize(
    ("method", "words", "absent"),
    [
        ("LoRA", ['method to "QLoRA"', "lora.rank"], []),
        ("QLoRA", ["lora.rank"], ["method"]),
        ("Full", ['method to "LoRA"'], ["lora.rank"]),
    ],
)
def test_capability_60_the_end_of_the_ladder_names_what_helps_the_method(method, words, absent):
    given = train_input({})
    told = complaint(resolve_settings(given, 100, "fp32", resolve_method(given, method)), [], "CUDA out of memory")
    assert [word for word in words if word not in told] == []
    assert [word for word in absent if word in told] == []
