"""Packed rows: fitted well, never mixed up, and worth as much as unpacked ones."""

import random

import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel, OPTConfig, OPTForCausalLM

from trainer.data.batches import IGNORED, Collator
from trainer.data.examples import Example
from trainer.data.packing import best_fit, keeps_rows_apart
from trainer.data.plan import Draw, batches_of, plan_batches
from trainer.optimization.loss import answer_loss
from worker.models import load

LENGTHS = [5 + 85 * number // 499 for number in range(500)]
random.Random(1).shuffle(LENGTHS)


def draw(**changes):
    zeros = [False] * len(LENGTHS)
    return Draw(**{"lengths": LENGTHS, "trained": LENGTHS, "is_general": zeros, "batch_size": 4, "seed": 42, **changes})


def test_training_8_packs_hold_each_row_once_and_are_nearly_full():
    packs = best_fit(LENGTHS, range(len(LENGTHS)), 128)
    assert sorted(row for pack in packs for row in pack) == list(range(len(LENGTHS)))
    sums = [sum(LENGTHS[row] for row in pack) for pack in packs]
    assert max(sums) <= 128
    assert sum(sums) > 0.97 * 128 * len(packs)


def test_training_8_the_plan_of_packs_is_a_pure_function_and_goes_on_where_it_was():
    packed = draw(capacity=128)
    assert plan_batches(packed, 30) == plan_batches(packed, 300)[:30]
    assert plan_batches(packed, 30) != plan_batches(draw(capacity=128, seed=43), 30)
    an_epoch = batches_of(packed, 1)
    first, second = plan_batches(packed, an_epoch), plan_batches(packed, batches_of(packed, 2))[an_epoch:]
    for epoch in (first, second):
        assert sorted(row for batch in epoch for line in batch for row in line) == list(range(len(LENGTHS)))
    assert first != second


@pytest.fixture(scope="module")
def tiny():
    return load({"builtIn": "tiny"}).model


@pytest.fixture(scope="module")
def examples():
    generator = torch.Generator().manual_seed(1)
    ids = [torch.randint(3, 4000, (length,), generator=generator).tolist() for length in (12, 30, 21, 9)]
    return [Example(str(len(row)), row, [False] * 5 + [True] * (len(row) - 5)) for row in ids]


def test_training_8_logits_of_packed_rows_are_those_of_unpacked_ones(tiny, examples):
    # lines of other lengths, so that one is padded
    batch = Collator(0)([tuple(examples[:3]), tuple(examples[3:])])
    with torch.no_grad():
        packed = tiny(input_ids=batch["input_ids"], position_ids=batch["position_ids"], use_cache=False).logits
        alone = [tiny(input_ids=torch.tensor([example.ids])).logits[0] for example in examples]
    torch.testing.assert_close(packed[0, : 12 + 30 + 21], torch.cat(alone[:3]), atol=1e-3, rtol=0)
    torch.testing.assert_close(packed[1, :9], alone[3], atol=1e-3, rtol=0)


def test_training_8_nothing_is_foretold_across_the_border_of_two_rows(examples):
    cut = Example("cut", [7, 8, 9], [True, True, True])
    labels = Collator(0)([(examples[0], cut)])["labels"][0].tolist()
    assert labels[12:] == [IGNORED, 8, 9]


def test_training_9_the_loss_of_packed_rows_is_that_of_unpacked_ones(tiny, examples):
    with torch.no_grad():
        packed = answer_loss(tiny, Collator(0)([tuple(examples[:2]), tuple(examples[2:])]))
        plain = answer_loss(tiny, Collator(0)([(example,) for example in examples]))
    assert packed.tokens == plain.tokens
    assert packed.total.item() == pytest.approx(plain.total.item(), rel=1e-4)


def test_training_8_models_are_tried_before_rows_are_packed(tiny):
    gpt2 = GPT2LMHeadModel(GPT2Config(vocab_size=200, n_embd=32, n_layer=2, n_head=2, n_positions=64))
    sizes = {"hidden_size": 32, "ffn_dim": 64, "word_embed_proj_dim": 32, "num_hidden_layers": 2}
    opt = OPTForCausalLM(OPTConfig(vocab_size=200, num_attention_heads=2, max_position_embeddings=64, **sizes))
    # OPT makes an attention mask of its own where none is given
    assert [keeps_rows_apart(model.eval()) for model in (tiny, gpt2, opt)] == [True, True, False]


class Mixer(torch.nn.Module):
    """Sees all tokens before, whatever their positions."""

    def __init__(self):
        super().__init__()
        self.embeddings = torch.nn.Embedding(50, 8)
        self.device = torch.device("cpu")

    def get_input_embeddings(self):
        return self.embeddings

    def forward(self, input_ids, position_ids=None, use_cache=False):
        from types import SimpleNamespace

        return SimpleNamespace(logits=self.embeddings(input_ids).cumsum(dim=1))


def test_training_8_a_model_that_mixes_rows_up_is_found_out():
    assert not keeps_rows_apart(Mixer())
