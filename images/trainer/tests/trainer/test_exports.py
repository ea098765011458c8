"""Exports of a run on tiny: each loads in the program it is for, and answers as the trained model does."""

import math
import shutil

import pytest

from tests.trainer.builders import rows, train_input
from tests.trainer.workplace import Workplace
from trainer.exports.parity import check, compare
from worker.contract import problem
from worker.failure import WorkerFailure

ALL = {"merged": True, "gguf": ["f16", "q8_0", "q5_1"], "onnx": True, "torchScript": True, "ollama": True}
NAMES = ["merged", "gguf-f16", "gguf-q8_0", "gguf-q5_1", "onnx", "torchscript"]


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return Workplace(tmp_path_factory.mktemp("exports"))


@pytest.fixture(scope="module")
def value(work):
    return train_input(work.dataset(rows()), output=ALL)


@pytest.fixture(scope="module")
def run(work, value):
    return work.run(value)


def test_training_28_every_export_is_there_with_its_parity(run):
    assert (run.code, problem("train-result", run.result)) == (0, None)
    exports = {one["name"]: one for one in run.results()["exports"]}
    assert list(exports) == NAMES
    assert all((run.adapter / one["path"]).exists() for one in exports.values())
    for name in ("merged", "gguf-f16", "onnx", "torchscript"):
        assert (exports[name]["topOne"] >= 0.99, exports[name]["meanKl"] < 0.01) == (True, True), exports[name]
    assert exports["onnx"]["largestLogitDifference"] < 1e-3
    assert exports["gguf-q5_1"]["perplexityRise"] <= 0.03
    told = [{name: one[name] for name in run.result["summary"]["exports"][0]} for one in exports.values()]
    assert run.result["summary"]["exports"] == told


def test_capability_81_the_size_of_quantised_weights_is_measured(run):
    ratios = {one["name"]: one["sizeRatio"] for one in run.results()["exports"]}
    assert ratios["merged"] >= 1
    # half of the parameters of tiny are its embedding, which stays at 8 bits
    assert ratios["gguf-q5_1"] < ratios["gguf-q8_0"] < ratios["gguf-f16"]


def test_the_merged_model_is_of_16_bits_and_needs_no_peft(run):
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = run.adapter / "exports" / "merged"
    model = AutoModelForCausalLM.from_pretrained(folder)
    assert model.dtype == torch.bfloat16
    assert AutoTokenizer.from_pretrained(folder).chat_template


def test_the_gguf_file_has_every_token_and_the_template(run):
    from gguf import GGUFReader
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(run.adapter / "adapter")
    reader = GGUFReader(run.adapter / "exports" / "gguf" / "model-q5_1.gguf")
    tokens = reader.get_field("tokenizer.ggml.tokens").contents()
    assert tokens == tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    assert reader.get_field("tokenizer.chat_template").contents() == tokenizer.chat_template
    assert reader.get_field("tokenizer.ggml.eos_token_id").contents() == tokenizer.eos_token_id
    types = {tensor.name: tensor.tensor_type.name for tensor in reader.tensors}
    assert types["blk.0.attn_q.weight"] == "Q5_1"
    assert types["token_embd.weight"] == "Q8_0"
    assert types["blk.0.attn_norm.weight"] == "F32"


def test_traced_models_take_rows_of_any_length_padded_on_either_side(run):
    import onnxruntime
    import torch

    from trainer.exports.torch_script import load_torch_script

    ids = torch.arange(5, 45).reshape(2, 20)
    alone = load_torch_script(run.adapter / "exports" / "torchscript")(ids)
    for side in ("left", "right"):
        pad = (6, 0) if side == "left" else (0, 6)
        padded, mask = (torch.nn.functional.pad(rows, pad) for rows in (ids, torch.ones_like(ids)))
        session = onnxruntime.InferenceSession(run.adapter / "exports" / "onnx" / "model.onnx")
        logits = torch.from_numpy(session.run(None, {"input_ids": padded.numpy(), "attention_mask": mask.numpy()})[0])
        found = logits[:, 6:] if side == "left" else logits[:, :20]
        assert torch.allclose(found, alone, atol=1e-4)


def test_training_28_what_is_traced_after_onnx_has_no_dropout_either(tmp_path):
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    from trainer.exports.onnx_model import write_onnx
    from trainer.exports.torch_script import load_torch_script, write_torch_script

    config = GPT2Config(vocab_size=64, n_positions=32, n_embd=32, n_layer=1, n_head=2, resid_pdrop=0.5)
    model = GPT2LMHeadModel(config).eval()
    write_onnx(model, tmp_path / "onnx")
    assert not model.training
    write_torch_script(model, tmp_path / "torchscript")
    ids = torch.arange(12)[None]
    with torch.no_grad():
        assert torch.allclose(load_torch_script(tmp_path / "torchscript")(ids), model(input_ids=ids).logits, atol=1e-5)


def test_the_modelfile_names_the_first_gguf_file_and_stops_at_the_end_of_a_turn(run):
    lines = (run.adapter / "exports" / "ollama" / "Modelfile").read_text("utf-8").splitlines()
    assert lines[0] == "FROM ../gguf/model-f16.gguf"
    assert lines[-1] == 'PARAMETER stop "<|end|>"'
    assert (run.adapter / "exports" / "ollama" / lines[0].removeprefix("FROM ")).is_file()


def test_the_same_input_gives_the_same_exports(run, work, value):
    shutil.rmtree(work.store / "runs")
    again = work.run(value)
    before, after = ((one.adapter / "SHA256SUMS").read_text("utf-8").splitlines() for one in (run, again))
    # torch numbers the modules that a process has traced; results, and the page made of them, tell the size of the file
    changing = ("exports/torchscript/model.pt", "experiment_results.json", "report.html")
    assert [line for line in set(before) ^ set(after) if not line.endswith(changing)] == []


def damage(monkeypatch, name, spoil):
    """Let `spoil(model)` change the weights just before an export is written."""
    from trainer.exports import write

    def damaged(*arguments):
        for export, writes, *rest in exports_of(*arguments):
            yield export, (lambda model, to, w=writes: w(spoil(model), to)) if export == name else writes, *rest

    exports_of = write.exports_of
    monkeypatch.setattr(write, "exports_of", damaged)


def noisy(share):
    def spoil(model):
        import copy

        import torch

        torch.manual_seed(0)
        other = copy.deepcopy(model)
        with torch.no_grad():
            for weight in other.parameters():
                weight.add_(share * weight.std() * torch.randn_like(weight))
        return other

    return spoil


@pytest.mark.parametrize(
    ("export", "output", "figure"),
    [
        ("merged", {"merged": True}, "of first choices agree, 99% are needed"),
        ("gguf-f16", {"gguf": ["f16"]}, "of first choices agree, 99% are needed"),
        ("gguf-q4_0", {"gguf": ["q4_0"]}, "perplexity rises by"),
        ("torchscript", {"torchScript": True}, "of first choices agree, 99% are needed"),
    ],
)
def test_training_28_a_damaged_export_is_not_published(work, value, monkeypatch, export, output, figure):
    damage(monkeypatch, export, noisy(0.3))
    before = set((work.store / "artifacts" / "adapters").glob("*"))
    run_id = {"id": "dddddddd"}
    failed = work.run(train_input(value["dataset"], output=output, run=run_id, training={"maxSteps": 2}))
    assert (failed.code, failed.result["reason"]) == (50, "ExportParity")
    assert f'export "{export}"' in failed.result["message"]
    assert figure in failed.result["message"]
    assert set((work.store / "artifacts" / "adapters").glob("*")) == before


def test_a_base_model_that_no_gguf_can_carry_is_refused_before_the_training(work, value, tmp_path):
    from transformers import AutoTokenizer, OPTConfig, OPTForCausalLM

    tokenizer = AutoTokenizer.from_pretrained("/models/tiny")
    sizes = {"hidden_size": 32, "ffn_dim": 64, "num_hidden_layers": 1, "num_attention_heads": 2}
    OPTForCausalLM(OPTConfig(vocab_size=len(tokenizer), word_embed_proj_dim=32, **sizes)).save_pretrained(
        tmp_path / "opt"
    )
    tokenizer.save_pretrained(tmp_path / "opt")
    value = train_input(value["dataset"], output={"gguf": ["f16"]}, run={"id": "eeeeeeee"})
    value["baseModel"] = {"path": str(tmp_path / "opt")}
    failed = work.run(value)
    assert (failed.code, failed.result["reason"]) == (10, "ExportUnsupported")
    assert 'models of the type "opt" cannot be written' in failed.result["message"]
    assert not list((work.store / "runs" / "eeeeeeee").glob("checkpoints/*"))


def test_training_28_logits_that_are_not_numbers_are_no_parity():
    import torch

    sound = torch.randn(4, 8)
    broken = torch.full_like(sound, torch.nan)
    parity = compare(sound, broken, torch.tensor([0, 1, 2, 3]))
    assert math.isnan(parity.mean_kl)
    with pytest.raises(WorkerFailure):
        check("merged", parity, is_quantised=False)
    assert compare(sound, sound, torch.tensor([0, 1, 2, 3])).mean_kl == pytest.approx(0, abs=1e-6)


def test_training_28_what_was_saved_answers_as_the_model_in_memory_did(run):
    saved = run.results()["saved"]
    assert (saved["topOne"], saved["meanKl"], saved["largestLogitDifference"]) == (1, 0, 0)
    assert saved["positions"] > 0


def rewrite(change):
    """Let `change(weights)` alter the weights that were written in a folder."""

    def spoil(folder):
        from safetensors.torch import load_file, save_file

        file = next(folder.glob("*model.safetensors"))
        weights = load_file(file)
        change(weights)
        save_file(weights, file, metadata={"format": "pt"})

    return spoil


def half(weights):
    name = next(name for name in weights if "lora_B" in name or "mlp" in name)
    weights[name] *= 0.5


def without_biases(weights):
    biases = [name for name in weights if name.endswith(".bias")]
    assert biases
    for name in biases:
        del weights[name]


def another_alpha(folder):
    file = folder / "adapter_config.json"
    file.write_text(file.read_text("utf-8").replace('"lora_alpha": 16', '"lora_alpha": 32'), "utf-8")


def nothing_left_of_the_head(weights):
    [name] = [name for name in weights if "lm_head" in name]
    weights[name].zero_()


@pytest.fixture(scope="module")
def biased(tmp_path_factory):
    """A base model whose layers have biases, which tiny has not."""
    from transformers import AutoTokenizer, Qwen2Config, Qwen2ForCausalLM

    folder = tmp_path_factory.mktemp("biased")
    tokenizer = AutoTokenizer.from_pretrained("/models/tiny")
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = Qwen2Config(vocab_size=len(tokenizer), num_key_value_heads=2, **sizes)
    Qwen2ForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return {"path": str(folder)}


@pytest.mark.parametrize(
    ("changes", "spoil"),
    [
        ({}, rewrite(half)),
        ({}, another_alpha),
        ({"lora": {"bias": "lora_only"}}, rewrite(without_biases)),
        ({"lora": {"modulesToSave": ["lm_head"]}}, rewrite(nothing_left_of_the_head)),
        ({"method": "Full"}, rewrite(half)),
    ],
)
def test_training_28_an_adapter_or_model_that_was_saved_otherwise_is_not_published(
    work, value, biased, monkeypatch, changes, spoil
):
    from trainer.outcome import summary

    def spoilt(save):
        def saved(model, base, folder):
            save(model, base, folder)
            spoil(folder)

        return saved

    for name in ("save_adapter", "save_model"):
        monkeypatch.setattr(summary, name, spoilt(getattr(summary, name)))
    before = set((work.store / "artifacts" / "adapters").glob("*"))
    run_id = {"id": "cccccccc"}
    shutil.rmtree(work.store / "runs" / "cccccccc", ignore_errors=True)
    asked = train_input(value["dataset"], run=run_id, **changes)
    if asked["lora"]["bias"] != "none":
        asked["baseModel"] = biased
    failed = work.run(asked)
    assert (failed.code, failed.result["reason"]) == (50, "SavedParity")
    assert "does not answer as the trained model does" in failed.result["message"]
    assert set((work.store / "artifacts" / "adapters").glob("*")) == before
