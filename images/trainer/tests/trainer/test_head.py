"""Logits of the positions that are asked for alone, and of many of them in parts."""

import pytest
import torch
from peft import LoraConfig, PromptTuningConfig, get_peft_model
from torch.nn.functional import cross_entropy
from torch.utils._python_dispatch import TorchDispatchMode
from transformers import (
    CohereConfig,
    CohereForCausalLM,
    Gemma2Config,
    Gemma2ForCausalLM,
    GPT2Config,
    GPT2LMHeadModel,
    GraniteConfig,
    GraniteForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    OPTConfig,
    OPTForCausalLM,
)

from trainer.data.batches import IGNORED
from trainer.optimization.head import say
from trainer.optimization.logit_bytes import LOGIT_BYTES
from trainer.optimization.loss import answer_loss

VOCABULARY, WIDTH = 4000, 32
SIZES = {
    "vocab_size": VOCABULARY,
    "hidden_size": WIDTH,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "pad_token_id": 0,
}
ROWS, LENGTH = 2, 40
# of the vocabulary, for so many tokens at a time
FOUR_TOKENS = 4 * VOCABULARY * LOGIT_BYTES


class Odd(LlamaForCausalLM):
    """Does with the output of its head what no configuration tells."""

    def forward(self, *args, **kwargs):
        out = super().forward(*args, **kwargs)
        out.logits = out.logits * 3
        return out


def small_gpt2() -> torch.nn.Module:
    return GPT2LMHeadModel(GPT2Config(vocab_size=VOCABULARY, n_embd=WIDTH, n_layer=2, n_head=2))


def small_opt() -> torch.nn.Module:
    sizes = {"hidden_size": WIDTH, "ffn_dim": 64, "word_embed_proj_dim": 16, "num_hidden_layers": 2}
    return OPTForCausalLM(OPTConfig(vocab_size=VOCABULARY, num_attention_heads=2, **sizes))


def small_llama() -> torch.nn.Module:
    return LlamaForCausalLM(LlamaConfig(**SIZES))


def adapted(**where) -> torch.nn.Module:
    return get_peft_model(small_llama(), LoraConfig(r=4, init_lora_weights=False, **where))


def prompt_tuned() -> torch.nn.Module:
    return get_peft_model(small_llama(), PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=3))


FAMILIES = {
    "llama": small_llama,
    "gemma2": lambda: Gemma2ForCausalLM(Gemma2Config(**SIZES, head_dim=16, final_logit_softcapping=0.2)),
    "cohere": lambda: CohereForCausalLM(CohereConfig(**SIZES, logit_scale=0.25)),
    "granite": lambda: GraniteForCausalLM(GraniteConfig(**SIZES, logits_scaling=4.0)),
    "gpt2": small_gpt2,
    "opt": small_opt,
    "odd": lambda: Odd(LlamaConfig(**SIZES)),
    "adapted head": lambda: adapted(target_modules=["q_proj", "lm_head"]),
    "trained head": lambda: adapted(target_modules=["q_proj"], modules_to_save=["lm_head"]),
    "prompt": prompt_tuned,
}


def made(name: str) -> torch.nn.Module:
    torch.manual_seed(1)
    return FAMILIES[name]()


def batch() -> dict[str, torch.Tensor]:
    torch.manual_seed(2)
    ids = torch.randint(3, VOCABULARY, (ROWS, LENGTH))
    is_trained = torch.rand(ROWS, LENGTH) < 0.5
    return {"input_ids": ids, "labels": torch.where(is_trained, ids, IGNORED)}


def plain_loss(model: torch.nn.Module, rows: dict[str, torch.Tensor]) -> torch.Tensor:
    logits = model(input_ids=rows["input_ids"], use_cache=False).logits[:, -LENGTH:-1]
    targets = rows["labels"][:, 1:]
    return cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORED, reduction="sum")


def gradients(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: weight.grad.clone() for name, weight in model.named_parameters() if weight.grad is not None}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("most_bytes", [FOUR_TOKENS, 1 << 40], ids=["in parts", "at once"])
def test_training_13_the_loss_in_parts_is_that_of_all_logits(family: str, most_bytes: int, monkeypatch) -> None:
    model, rows = made(family).eval(), batch()
    plain = plain_loss(model, rows)
    plain.backward()
    wanted = gradients(model)
    model.zero_grad(set_to_none=True)
    monkeypatch.setattr(say, "__defaults__", (most_bytes,))
    for _ in range(2):
        found = answer_loss(model, rows)
        assert found.total.item() == pytest.approx(plain.item(), rel=1e-4)
        assert found.tokens == int((rows["labels"][:, 1:] != IGNORED).sum())
        found.total.backward()
        got = gradients(model)
        assert got.keys() == wanted.keys() and len(got) > 0
        for name, gradient in wanted.items():
            torch.testing.assert_close(got[name], gradient, rtol=1e-3, atol=1e-4)
        model.zero_grad(set_to_none=True)
    assert "forward" not in (model.get_output_embeddings() or model).__dict__


@pytest.mark.parametrize("family", ["llama", "gemma2", "prompt"])
def test_training_18_hits_in_parts_are_those_of_all_logits(family: str, monkeypatch) -> None:
    model, rows = made(family).eval(), batch()
    with torch.no_grad():
        whole = answer_loss(model, rows)
        logits = model(input_ids=rows["input_ids"], use_cache=False).logits[:, -LENGTH:-1]
        monkeypatch.setattr(say, "__defaults__", (FOUR_TOKENS,))
        parts = answer_loss(model, rows)
    assert parts.hits == whole.hits == int((logits.argmax(-1) == rows["labels"][:, 1:]).sum())


class Largest(TorchDispatchMode):
    """The most logits that one operation makes."""

    tokens = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        out = function(*args, **(kwargs or {}))
        # the weights of the head have as many columns
        if isinstance(out, torch.Tensor) and out.shape[-1:] == (VOCABULARY,) and out.shape[-2:] != (WIDTH, VOCABULARY):
            self.tokens = max(self.tokens, out.numel() // VOCABULARY)
        return out


def test_training_13_logits_of_all_positions_are_never_there_at_once(monkeypatch) -> None:
    model, rows = made("llama"), batch()
    tokens = int((rows["labels"][:, 1:] != IGNORED).sum())
    with Largest() as at_once:
        answer_loss(model, rows).total.backward()
    monkeypatch.setattr(say, "__defaults__", (FOUR_TOKENS,))
    with Largest() as in_parts:
        answer_loss(model, rows).total.backward()
    # of the answers alone, where there is room for them
    assert at_once.tokens == tokens < ROWS * LENGTH
    assert in_parts.tokens == 4


def test_training_13_tokens_that_are_known_have_no_gradient_in_parts_either(monkeypatch) -> None:
    model, rows = made("llama"), batch()
    monkeypatch.setattr(say, "__defaults__", (FOUR_TOKENS,))
    # every token is more likely than that
    answer_loss(model, rows, skip_known=1e-9).total.backward()
    assert not any(gradient.any() for gradient in gradients(model).values())
    answer_loss(model, rows, skip_known=0.9).total.backward()
    assert any(gradient.any() for gradient in gradients(model).values())
