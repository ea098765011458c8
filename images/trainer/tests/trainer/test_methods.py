"""Each method on tiny: it learns, and what it publishes answers as it did in the run."""

import hashlib
import json
import shutil
from types import SimpleNamespace

import pytest
from transformers import PreTrainedConfig

from tests.trainer.builders import rows, train_input
from tests.trainer.workplace import Workplace
from trainer.admission.preflight import choose_by_memory
from trainer.methods.layers import layers_frozen_at
from trainer.methods.lora import adapted_layers
from trainer.methods.names import LEARNING_RATES, learning_rate_of
from trainer.methods.settings import Freeze, resolve_method
from trainer.optimization.dropout import dropout_options
from trainer.robustness.guard import GuardCallback
from trainer.settings import resolve_settings
from worker.failure import WorkerFailure

RANKED = {"rank": 4, "alpha": 8, "dropout": 0.0}
# learning rates at which tiny learns within a few steps
METHODS = {
    "LoRA": {"lora": {**RANKED, "plusRatio": 16}, "training": {"learningRate": 2e-3, "neftuneAlpha": 5}},
    "rsLoRA": {"lora": {**RANKED, "rsLoRA": True, "bias": "lora_only"}, "training": {"learningRate": 5e-3}},
    "LastLayers": {"lora": {**RANKED, "lastLayers": 2}, "training": {"learningRate": 1e-2}},
    "PiSSA": {"lora": {**RANKED, "init": "pissa", "modulesToSave": ["norm"]}, "training": {"learningRate": 5e-3}},
    "OLoRA": {"lora": {**RANKED, "init": "olora"}, "training": {"learningRate": 5e-4}},
    "DoRA": {"lora": RANKED, "training": {"learningRate": 5e-3}},
    "AdaLoRA": {"lora": RANKED, "training": {"learningRate": 2e-2}},
    "IA3": {"training": {"learningRate": 5e-2}},
    "PromptTuning": {"training": {"learningRate": 0.05}},
    "Freeze": {"freeze": {"layers": 2, "embeddings": True}, "training": {"learningRate": 1e-3}},
    "Full": {"training": {"learningRate": 1e-3, "dropout": 0.1}},
}
UNFREEZING = {"freeze": {"layers": 3, "embeddings": True, "unfreezeEverySteps": 4}}
WHOLE = ("Freeze", "Full")


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return Workplace(tmp_path_factory.mktemp("methods"))


@pytest.fixture(scope="module")
def dataset(work):
    return work.dataset(rows())


def an_input(dataset, name, **changes):
    method = name if name not in ("rsLoRA", "LastLayers", "PiSSA", "OLoRA") else "LoRA"
    value = train_input(dataset, **METHODS[name], method=method, run={"id": hashlib.sha256(name.encode()).hexdigest()})
    for section, fields in changes.items():
        value[section] = {**value[section], **fields}
    return value


@pytest.fixture(scope="module")
def trained(work, dataset):
    """A finished run of each method, made when it is first asked for."""
    runs = {}

    def run(name):
        if name not in runs:
            runs[name] = work.run(an_input(dataset, name))
            assert runs[name].code == 0, runs[name].result
        return runs[name]

    return run


def loaded(run):
    """The tuned model as its users load it."""
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    from worker.models import load

    if (run.adapter / "model").is_dir():
        return AutoModelForCausalLM.from_pretrained(run.adapter / "model").eval()
    return PeftModel.from_pretrained(load({"builtIn": "tiny"}).model, run.adapter / "adapter").eval()


@pytest.mark.parametrize("name", METHODS)
def test_training_11_each_method_learns_and_answers_as_in_the_run_once_it_is_loaded(trained, work, name):
    import torch

    from trainer.data.batches import Collator
    from trainer.data.examples import to_example
    from trainer.optimization.loss import answer_loss
    from worker.models import load
    from worker.rows import load_rows

    run = trained(name)
    results = run.results()
    losses = [entry["eval_loss"] for entry in results["history"] if "eval_loss" in entry]
    assert min(losses) < 0.98 * losses[0]
    base = load({"builtIn": "tiny"})
    folder = work.store / results["dataset"]["uri"].removeprefix("pvc://doctune-artifacts/")
    asked = [row for row in load_rows(folder, "validation") if row.probe == "recall"]
    batch = Collator(base.tokenizer.pad_token_id)([to_example(base.tokenizer, row) for row in asked])
    with torch.no_grad():
        loss = answer_loss(loaded(run), batch)
    assert loss.total / loss.tokens == pytest.approx(run.result["summary"]["evalRecallLoss"], rel=1e-4)


@pytest.mark.parametrize("name", METHODS)
def test_training_11_the_artifact_says_what_it_is_and_how_much_was_trained(trained, name):
    run = trained(name)
    manifest = json.loads((run.adapter / "manifest.json").read_text("utf-8"))
    kind = "model" if name in WHOLE else "adapter"
    assert (manifest["kind"], (run.adapter / kind / "config.json").is_file()) == (kind, name in WHOLE)
    parameters = run.result["summary"]["trainableParameters"]
    assert parameters["count"] > 0
    assert (parameters["percent"] == 100) == (name == "Full")
    samples = (run.adapter / "generated_samples.jsonl").read_text("utf-8").splitlines()
    # what the base says does not depend on how it is tuned
    first = (trained("LoRA").adapter / "generated_samples.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["base"] for line in samples] == [json.loads(line)["base"] for line in first]


@pytest.mark.parametrize("name", [name for name in METHODS if name != "PromptTuning"])
def test_training_28_what_a_method_trained_is_the_same_when_it_is_merged(trained, name):
    import torch

    from trainer.exports.tuned import load_tuned, merge

    run = trained(name)
    tuned = load_tuned({"builtIn": "tiny"}, "auto", run.adapter / ("model" if name in WHOLE else "adapter"))
    ids = torch.arange(20, 60)[None]
    with torch.no_grad():
        before = tuned(input_ids=ids).logits
        after = merge(tuned)(input_ids=ids).logits
    assert torch.allclose(before, after, atol=1e-3)


@pytest.mark.parametrize(
    ("name", "changes"),
    [("LoRA", {}), ("AdaLoRA", {}), ("Freeze", UNFREEZING), ("Full", {})],
    ids=["LoRA", "AdaLoRA", "Freeze", "Full"],
)
def test_training_22_a_run_that_was_stopped_goes_on_to_the_same_bytes(work, dataset, monkeypatch, name, changes):
    value = an_input(dataset, name, **changes)
    shutil.rmtree(work.store / "runs", ignore_errors=True)
    undisturbed = work.run(value)
    shutil.rmtree(work.store / "runs")
    on_step_end = GuardCallback.on_step_end

    def stop_after_seven(self, args, state, control, **rest):
        self.termination.is_requested |= state.global_step == 7
        on_step_end(self, args, state, control, **rest)

    with monkeypatch.context() as patched:
        patched.setattr(GuardCallback, "on_step_end", stop_after_seven)
        assert work.run(value).code == 40
    resumed = work.run(value)
    assert (resumed.code, resumed.digest) == (0, undisturbed.digest)
    unfrozen = [entry["unfrozen_layer"] for entry in resumed.results()["history"] if "unfrozen_layer" in entry]
    assert unfrozen == ([2, 1, 0] if name == "Freeze" else [])


@pytest.mark.parametrize("bits", [4, 8])
def test_training_11_weights_in_fewer_bits_train_an_adapter(work, dataset, bits):
    value = an_input(
        dataset, "LoRA", training={"maxSteps": 1, "evalSteps": 1, "perDeviceBatchSize": 1, "maxLength": 64}
    )
    value |= {"method": "QLoRA", "quantization": {"bits": bits, "doubleQuant": True}}
    value["run"] = {**value["run"], "id": "b" * (8 + bits)}
    run = work.run(value)
    assert run.code == 0, run.result
    summary = run.result["summary"]
    # 4-bit weights are packed in pairs, and still count as what they are
    assert (summary["method"]["chosen"], summary["trainableParameters"]["percent"] < 10) == ("QLoRA", True)
    losses = [entry["eval_loss"] for entry in run.results()["history"] if "eval_loss" in entry]
    assert losses[-1] < losses[0]


def test_training_2_each_method_has_a_learning_rate_of_its_own():
    rates = {}
    for name in LEARNING_RATES:
        value = train_input({}, training={"learningRate": None})
        rates[name] = resolve_settings(value, 48, "fp32", resolve_method(value, name)).learning_rate
    assert (rates["LoRA"], rates["IA3"], rates["PromptTuning"], rates["Full"]) == (2e-4, 3e-3, 3e-3, 2e-5)


@pytest.mark.parametrize(
    ("name", "width", "rate"),
    [
        ("LoRA", 4096, 2e-4),
        ("QLoRA", 8192, 1e-4),
        ("DoRA", 2048, 4e-4),
        ("AdaLoRA", 576, 1.42e-3),
        ("LoRA", 64, 2e-3),
        ("LoRA", None, 2e-4),
        ("IA3", 576, 3e-3),
        ("Full", 576, 2e-5),
    ],
)
def test_training_2_a_narrower_model_has_a_higher_rate(name, width, rate):
    assert learning_rate_of(name, width) == pytest.approx(rate, rel=2e-3)


def test_training_2_a_run_takes_the_rate_of_its_model():
    value = train_input({}, training={"learningRate": None})
    method = choose_by_memory(value, 48, PreTrainedConfig(hidden_size=1024), "fp32", None)
    assert resolve_settings(value, 48, "fp32", method).learning_rate == 8e-4


@pytest.mark.parametrize(
    ("last", "skipped", "adapted"), [(None, 0, None), (2, 0, [2, 3]), (None, 1, [1, 2, 3]), (3, 2, [2, 3])]
)
def test_capability_30_the_first_layers_can_be_left_without_an_adapter(last, skipped, adapted):
    value = train_input({}, lora={"lastLayers": last, "skipLayers": skipped})
    assert adapted_layers(4, resolve_method(value, "LoRA").lora) == adapted


def test_capability_24_the_last_layers_alone_have_an_adapter(trained):
    from safetensors.numpy import load_file

    layers = {
        name.split(".layers.")[1].split(".")[0]
        for name in load_file(trained("LastLayers").adapter / "adapter" / "adapter_model.safetensors")
    }
    assert layers == {"2", "3"}


def test_more_and_more_layers_are_trained_from_the_top():
    assert [layers_frozen_at(step, 2, Freeze(2, True, 3)) for step in range(9)] == [2, 2, 2, 1, 1, 1, 0, 0, 0]
    assert layers_frozen_at(100, 2, Freeze(2, True, None)) == 2
    by_stage = Freeze(3, True, None, ((4, 1), (6, 2)))
    assert [layers_frozen_at(step, 3, by_stage) for step in (0, 3, 4, 5, 6)] == [3, 3, 2, 2, 0]


@pytest.mark.parametrize(
    ("change", "reason", "words"),
    [
        ({"method": "Freeze", "freeze": {"layers": 4}}, "NothingToTrain", ["freeze.layers is 4", "3 or fewer"]),
        (
            {"method": "PromptTuning", "output": {"merged": True}},
            "ExportUnsupported",
            ['output: method "PromptTuning"', "use another method"],
        ),
        ({"lora": {"lastLayers": 5}}, "TooFewLayers", ["lora.lastLayers is 5", "4 or fewer"]),
        ({"lora": {"skipLayers": 4}}, "TooFewLayers", ["lora.skipLayers is 4", "3 or fewer"]),
        ({"lora": {"modulesToSave": ["head"]}}, "UnknownTargetModules", ["lora.modulesToSave", '"head"', "lm_head"]),
    ],
)
def test_what_model_or_method_lacks_is_refused_by_its_field(work, dataset, change, reason, words):
    value = train_input(dataset, run={"id": hashlib.sha256(reason.encode()).hexdigest()}, **change)
    failed = work.run(value)
    assert (failed.code, failed.result["reason"]) == (10, reason)
    assert [word for word in words if word not in failed.result["message"]] == []


def test_known_mistake_7_dropout_is_set_where_the_architecture_has_it_or_refused():
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    small = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    model = LlamaForCausalLM(dropout_options(LlamaConfig(**small, vocab_size=32), 0.5)["config"]).train()
    ids = torch.arange(16)[None]
    # it does something: two passes of training differ, and none without it
    assert not torch.equal(model(input_ids=ids).logits, model(input_ids=ids).logits)
    assert torch.equal(model.eval()(input_ids=ids).logits, model(input_ids=ids).logits)
    with pytest.raises(WorkerFailure, match="training.dropout") as refused:
        dropout_options(SimpleNamespace(model_type="mamba"), 0.1)
    assert (refused.value.code, refused.value.reason) == (10, "NoDropout")
