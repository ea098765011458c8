"""Longer rows than the base model knows positions for: what is computed, what is published, and what loads it again."""

import json
from pathlib import Path

import pytest

from tests.trainer.builders import rows, train_input
from worker.context import add_positions, check_context, longer, scale_rope
from worker.failure import WorkerFailure
from worker.models import load, load_config


def rope(kind, factor=2.0):
    return {"ropeScaling": {"type": kind, "factor": factor}, "positions": None}


def more(length, init="Interpolate"):
    return {"ropeScaling": None, "positions": {"length": length, "init": init}}


def small(kind: str, folder: Path, positions: int = 48) -> dict[str, str]:
    """An untrained model with learned positions, and the tokenizer of tiny."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel, OPTConfig, OPTForCausalLM

    torch.manual_seed(0)
    tokenizer = load({"builtIn": "tiny"}).tokenizer
    shape = {"vocab_size": len(tokenizer), "bos_token_id": None, "eos_token_id": tokenizer.eos_token_id}
    if kind == "gpt2":
        model = GPT2LMHeadModel(GPT2Config(n_positions=positions, n_embd=32, n_layer=2, n_head=2, **shape))
    else:
        sizes = {"hidden_size": 32, "ffn_dim": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
        config = OPTConfig(max_position_embeddings=positions, word_embed_proj_dim=32, dropout=0.0, **sizes, **shape)
        model = OPTForCausalLM(config)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return {"path": str(folder)}


def figures(run, base_model):
    """Loss on the validation rows of what the evaluator loads, and the two models that it loads."""
    import torch

    from evaluator.subject import load_subject
    from trainer.data.batches import Collator
    from trainer.data.examples import to_example
    from trainer.optimization.loss import answer_loss
    from worker.rows import load_rows

    subject = load_subject(base_model, run.adapter)
    uri = run.results()["dataset"]["uri"].removeprefix("pvc://doctune-artifacts/")
    dataset = run.adapter.parents[2] / uri
    examples = [to_example(subject.tokenizer, row) for row in load_rows(dataset, "validation")]
    with torch.no_grad(), subject.acting_as("tuned") as tuned:
        losses = [answer_loss(tuned, Collator(subject.tokenizer.pad_token_id)([example])) for example in examples]
    return sum(loss.total.item() for loss in losses) / sum(loss.tokens for loss in losses), subject


@pytest.mark.parametrize("kind", ["Linear", "Dynamic", "Yarn"])
def test_capability_35_the_scaling_is_published_and_the_evaluator_computes_with_it(work, dataset, kind):
    value = train_input(dataset, context=rope(kind), training={"maxSteps": 4})
    run = work.run(value)
    assert run.code == 0
    published = json.loads((run.adapter / "adapter" / "config.json").read_text("utf-8"))
    assert (published["rope_parameters"]["rope_type"], published["rope_parameters"]["factor"]) == (kind.lower(), 2.0)
    loss, subject = figures(run, {"builtIn": "tiny"})
    assert loss == pytest.approx(run.result["summary"]["evalLoss"], rel=1e-4)
    # it is compared with the base model as it is
    assert subject.base.model.config.rope_parameters["rope_type"] == "default"
    assert subject.tuned.config.rope_parameters["rope_type"] == kind.lower()
    original = subject.base.model.config.max_position_embeddings
    assert published["max_position_embeddings"] == original * (1 if kind == "Dynamic" else 2)


def test_capability_35_a_merged_model_has_the_scaling_in_its_configuration(work, dataset):
    from transformers import AutoConfig

    run = work.run(train_input(dataset, context=rope("Yarn", 4.0), output={"merged": True}, training={"maxSteps": 2}))
    assert run.code == 0
    [export] = run.result["summary"]["exports"]
    assert export["topOne"] >= 0.99
    config = AutoConfig.from_pretrained(run.adapter / "exports" / "merged", local_files_only=True)
    assert (config.rope_parameters["rope_type"], config.rope_parameters["factor"]) == ("yarn", 4.0)


def test_dynamic_positions_of_a_batch_do_not_depend_on_the_batches_before():
    import torch

    model = load({"builtIn": "tiny", "context": rope("Dynamic")}).model
    limit = model.config.max_position_embeddings
    ids = torch.arange(limit + 8)[None] % 100
    short = ids[:, : limit + 2]
    with torch.no_grad():
        alone = model(input_ids=short, use_cache=False).logits
        model(input_ids=ids, use_cache=False)
        assert torch.equal(model(input_ids=short, use_cache=False).logits, alone)


@pytest.mark.parametrize("kind", ["gpt2", "opt"])
@pytest.mark.parametrize("init", ["Interpolate", "Random"])
def test_capability_36_a_model_with_learned_positions_reads_longer_rows(work, tmp_path, monkeypatch, kind, init):
    base_model = small(kind, tmp_path / kind, positions=24)
    dataset = work.dataset(rows())

    def value(context=None, **training):
        changes = {"lora": {"dropout": 0.0}, "training": training} | ({"context": context} if context else {})
        return {**train_input(dataset, **changes), "baseModel": base_model}

    with monkeypatch.context() as patch:
        patch.setattr("trainer.recipe.load", lambda *_, **__: pytest.fail("weights were loaded"))
        short = work.run(value(maxSteps=4))
    assert (short.code, short.result["reason"]) == (10, "UnfitContext")
    assert "24 learned positions" in short.result["message"]
    run = work.run(value(more(256, init), maxSteps=8))
    assert run.code == 0
    losses = [entry["loss"] for entry in run.results()["history"] if "loss" in entry]
    assert losses[-1] < losses[0]
    loss, subject = figures(run, base_model)
    assert loss == pytest.approx(run.result["summary"]["evalLoss"], rel=1e-4)
    assert (subject.base.model.config.max_position_embeddings, subject.tuned.config.max_position_embeddings) == (
        24,
        256,
    )


@pytest.mark.parametrize("kind", ["gpt2", "opt"])
def test_known_mistake_10_positions_are_as_many_as_the_model_has_and_lie_between_the_old_ones(tmp_path, kind):
    import torch
    from transformers import GPT2Config

    # the code that was copied took 2048
    assert GPT2Config().n_positions == 1024
    model = load(small(kind, tmp_path / kind)).model
    table = model.transformer.wpe if kind == "gpt2" else model.model.decoder.embed_positions
    offset = 2 if kind == "opt" else 0
    old = table.weight.data.clone()
    assert len(old) == 48 + offset
    add_positions(model, {"length": 95, "init": "Interpolate"})
    assert torch.equal(table.weight[:offset], old[:offset])
    new, old = table.weight[offset:], old[offset:]
    assert len(new) == 95
    # every second row is an old one, and no row is the copy of its neighbour as it would be by whole numbers
    assert torch.allclose(new[::2], old, atol=1e-6)
    assert torch.allclose(new[1::2], (old[1:] + old[:-1]) / 2, atol=1e-6)
    assert (new[1:] - new[:-1]).abs().sum(1).min() > 0


def test_capability_36_random_positions_follow_the_known_ones():
    import torch

    old = torch.randn(8, 64)
    new = longer(old, 512, "Random")
    assert torch.equal(new[:8], old)
    assert float(new[8:].std()) == pytest.approx(0.01, rel=0.05)


@pytest.mark.parametrize(
    ("model", "context", "words"),
    [
        ("gpt2", rope("Linear"), ["context.ropeScaling", '"gpt2"', "context.positions"]),
        ("tiny", more(1 << 16), ["context.positions", "context.ropeScaling"]),
        ("gpt2", more(48), ["context.positions.length", "48 positions already"]),
    ],
)
def test_capability_35_architectures_that_cannot_are_refused_by_the_field(tmp_path, model, context, words):
    base_model = {"builtIn": "tiny"} if model == "tiny" else small(model, tmp_path / model)
    with pytest.raises(WorkerFailure) as refused:
        load({**base_model, "context": context})
    assert (refused.value.code, refused.value.reason) == (10, "UnfitContext")
    assert all(word in str(refused.value) for word in words)
    if context["positions"]:
        with pytest.raises(WorkerFailure) as without_weights:
            check_context(load_config(base_model), context, 16)
        assert without_weights.value.message == refused.value.message


def test_capability_36_rows_beyond_rotary_positions_are_no_matter_of_a_table():
    config = load_config({"builtIn": "tiny"})
    check_context(config, {"positions": None}, 2 * config.max_position_embeddings)


def test_capability_35_a_scaled_model_is_not_scaled_again():
    config = load({"builtIn": "tiny"}).model.config
    scale_rope(config, {"type": "Linear", "factor": 2.0})
    with pytest.raises(WorkerFailure, match="scaled already"):
        scale_rope(config, {"type": "Yarn", "factor": 2.0})


def test_capability_36_a_method_without_a_place_for_positions_is_refused(work, dataset, tmp_path):
    value = train_input(dataset, context=more(256), method="PromptTuning")
    failed = work.run({**value, "baseModel": small("gpt2", tmp_path / "gpt2")})
    assert (failed.code, failed.result["reason"]) == (10, "UnfitMethod")
