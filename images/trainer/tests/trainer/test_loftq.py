"""LoftQ: an adapter that begins at the error of 4 bits, and is published as the difference from there."""

import json

import pytest
import torch

from tests.trainer.builders import rows, train_input
from tests.trainer.workplace import Workplace
from trainer.methods.apply import apply_method
from trainer.methods.conversion import convert, first_weights
from trainer.methods.loftq import factors, start_at_error
from trainer.methods.quantized import quantized_loading
from trainer.methods.settings import resolve_method
from trainer.robustness.guard import GuardCallback
from worker.models import load

QUESTIONS = torch.arange(20, 212).reshape(4, 48)
# alpha at twice the rank, as by default: the error must go in once all the same
RANKED = {"rank": 8, "alpha": 16, "dropout": 0.0}
STARTS = {"as asked": {}, "stabilised": {"rsLoRA": True}}


def answers(model):
    with torch.no_grad():
        return model.eval()(input_ids=QUESTIONS).logits.float()


def distance(one, other):
    return (one - other).square().mean().item()


def divergence(one, other):
    """In nats a token."""
    from torch.nn.functional import kl_div, log_softmax

    logs = (log_softmax(each.flatten(0, 1), -1) for each in (one, other))
    return kl_div(*logs, reduction="batchmean", log_target=True).item()


@pytest.fixture(scope="module")
def full():
    return load({"builtIn": "tiny"}).model


def at_start(init, full, chance=0, **lora):
    """The model of a QLoRA run before its first step."""
    method = resolve_method(train_input({}, lora={**RANKED, **lora, "init": init}), "QLoRA")
    base = load({"builtIn": "tiny"}, options=quantized_loading(method.quantization, torch.float32))
    torch.manual_seed(chance)
    model = apply_method(base.model, method, 10)
    if init == "loftq":
        start_at_error(model, full, seed=42)
    return model


@pytest.mark.parametrize("name", STARTS)
def test_training_11_loftq_begins_nearer_to_the_base_model_than_plain_qlora(full, name):
    plain, begun = (answers(at_start(init, full, **STARTS[name])) for init in ("default", "loftq"))
    assert distance(begun, answers(full)) < 0.9 * distance(plain, answers(full))
    assert divergence(begun, answers(full)) < 0.9 * divergence(plain, answers(full))


def test_training_11_the_higher_the_rank_the_less_of_the_error_is_left(full):
    left = [distance(answers(at_start("loftq", full, rank=rank, alpha=8)), answers(full)) for rank in (2, 16, 128)]
    assert left[0] > left[1] > left[2]
    # a rank as high as the layers are wide holds all of it
    assert left[2] < 1e-6 * distance(answers(at_start("default", full)), answers(full))


def test_training_11_the_error_is_held_nearly_as_well_as_its_rank_can():
    torch.manual_seed(0)
    # noise of even size, as that of a quantisation is
    error = torch.rand(96, 160) - 0.5
    down, up = factors(error, 12)
    left, values, right = torch.linalg.svd(error, full_matrices=False)
    best = error - left[:, :12] * values[:12] @ right[:12]
    assert (error - up @ down).norm() < 1.01 * best.norm()
    assert down.norm().item() == pytest.approx(up.norm().item(), rel=1e-4)


def test_training_11_the_start_depends_on_the_seed_alone_and_draws_nothing_from_the_run(full):
    first, again = (first_weights(at_start("loftq", full, chance=chance), "loftq") for chance in (0, 1))
    pairs = [(one, other) for name in first for one, other in zip(first[name], again[name], strict=True)]
    assert len(pairs) == 2 * 7 * 4
    assert all(torch.equal(one, other) for one, other in pairs)
    model, state = at_start("default", full), torch.get_rng_state()
    start_at_error(model, full, seed=42)
    assert torch.equal(torch.get_rng_state(), state)


def trained(model):
    """As if it had been trained: each matrix moved, the same way whatever it was."""
    torch.manual_seed(1)
    for name, weight in sorted(model.named_parameters()):
        if "lora_" in name:
            weight.data += 0.02 * torch.randn_like(weight)
    return model


def published(model, init, first, folder):
    """What its user loads: the base model in full precision with the adapter of the file."""
    from peft import PeftModel

    convert(model, first)
    model.save_pretrained(folder)
    return PeftModel.from_pretrained(load({"builtIn": "tiny"}).model, folder)


@pytest.mark.parametrize("name", STARTS)
def test_training_11_what_loftq_publishes_answers_nearer_to_the_run_than_what_plain_qlora_does(full, tmp_path, name):
    apart = {}
    for init in ("default", "loftq"):
        model = at_start(init, full, **STARTS[name])
        first = first_weights(model, init)
        in_the_run = answers(trained(model))
        apart[init] = distance(answers(published(model, init, first, tmp_path / init)), in_the_run)
    assert apart["loftq"] < 0.9 * apart["default"]


def test_training_11_an_adapter_that_learnt_nothing_leaves_the_base_model_as_it_is(full, tmp_path):
    model = at_start("loftq", full)
    unchanged = published(model, "loftq", first_weights(model, "loftq"), tmp_path)
    assert torch.allclose(answers(unchanged), answers(full), atol=1e-5)


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return Workplace(tmp_path_factory.mktemp("loftq"))


@pytest.fixture(scope="module")
def value(work):
    short = {"maxSteps": 12, "evalSteps": 4, "perDeviceBatchSize": 4, "maxLength": 64, "learningRate": 1e-2}
    return train_input(
        work.dataset(rows(train=24, recall=3, unseen=3)),
        method="QLoRA",
        lora={**RANKED, "init": "loftq"},
        training=short,
        checkpoint={"everySteps": 2, "keep": 2},
        output={"merged": True},
    )


@pytest.fixture(scope="module")
def run(work, value):
    return work.run(value)


def test_training_11_a_run_with_loftq_learns_and_is_merged_into_the_base_model(run):
    assert run.code == 0, run.result
    losses = [entry["eval_loss"] for entry in run.results()["history"] if "eval_loss" in entry]
    assert losses[-1] < losses[0]
    [merged] = run.results()["exports"]
    assert (merged["topOne"] >= 0.99, merged["meanKl"] < 0.01) == (True, True), merged


def test_training_11_the_adapter_says_for_which_base_it_is(run):
    settings = json.loads((run.adapter / "adapter" / "adapter_config.json").read_text("utf-8"))
    # the start goes in with a minus beside what was learnt
    assert (settings["r"], settings["lora_alpha"]) == (16, 32)
    assert json.loads((run.adapter / "manifest.json").read_text("utf-8"))["lora"]["init"] == "loftq"
    assert "with the base model in 16 or 32 bits" in (run.adapter / "README.md").read_text("utf-8").replace("\n", " ")


def test_training_22_a_run_with_loftq_that_was_stopped_goes_on_to_the_same_bytes(run, work, value, monkeypatch):
    again = {**value, "run": {**value["run"]}}
    (work.store / "runs").rename(work.store / "runs-before")
    on_step_end = GuardCallback.on_step_end

    def stop_after_three(self, args, state, control, **rest):
        self.termination.is_requested |= state.global_step == 3
        on_step_end(self, args, state, control, **rest)

    with monkeypatch.context() as patched:
        patched.setattr(GuardCallback, "on_step_end", stop_after_three)
        assert work.run(again).code == 40
    resumed = work.run(again)
    assert (resumed.code, resumed.digest) == (0, run.digest)
