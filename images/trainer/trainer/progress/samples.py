"""What the model says before and after, on the same prompts: the likeliest answer, and one drawn by chance."""

import json
from typing import TYPE_CHECKING, Any

from trainer.methods.as_base import as_base
from worker.chat import encode_prompt, end_of_turn_ids
from worker.models import BaseModel
from worker.rows import Row

if TYPE_CHECKING:
    import torch

GREEDY = {"do_sample": False}
SAMPLED = {"do_sample": True, "temperature": 0.7, "top_k": 50}


def choose_rows(curves: dict[str, list[Row]], number: int) -> list[Row]:
    """The first rows of the curve that comes first: those about trained facts, where there are some."""
    return next((rows[:number] for rows in curves.values() if rows), [])


def make_samples(
    model: "torch.nn.Module",
    base: BaseModel,
    base_model: dict[str, Any],
    rows: list[Row],
    max_new_tokens: int,
    seed: int,
) -> list[dict[str, Any]]:
    """`{row, prompt, reference, base, tuned, baseSampled, tunedSampled}` a row; the same model says the same again.

    `base_model` is that of the input. `max_new_tokens` are those of an answer alone: a bound on the whole row would
    leave a long prompt no answer.
    """
    if not rows:
        return []
    prompts = [row.messages[:-1] for row in rows]
    tuned = answers(model, base, prompts, max_new_tokens, seed)
    with as_base(model, base, base_model) as untuned_model:
        untuned = answers(untuned_model, base, prompts, max_new_tokens, seed)
    return [
        {
            "row": row.id,
            "prompt": prompt,
            "reference": row.messages[-1]["content"],
            "base": before[0],
            "tuned": after[0],
            "baseSampled": before[1],
            "tunedSampled": after[1],
        }
        for row, prompt, before, after in zip(rows, prompts, untuned, tuned, strict=True)
    ]


def answers(
    model: "torch.nn.Module", base: BaseModel, prompts: list[list[dict[str, str]]], max_new_tokens: int, seed: int
) -> list[tuple[str, str]]:
    """The greedy and the sampled answer to each prompt."""
    import torch

    greedy = generate(model, base, prompts, {**GREEDY, "max_new_tokens": max_new_tokens})
    torch.manual_seed(seed)
    return list(zip(greedy, generate(model, base, prompts, {**SAMPLED, "max_new_tokens": max_new_tokens}), strict=True))


def render_jsonl(samples: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(sample, ensure_ascii=False) + "\n" for sample in samples)


def render_text(samples: list[dict[str, Any]]) -> str:
    """For people: what was asked, and all answers below each other."""
    heads = {
        "reference": "reference",
        "base": "base, greedy",
        "tuned": "tuned, greedy",
        "baseSampled": f"base, temperature {SAMPLED['temperature']}, top {SAMPLED['top_k']}",
        "tunedSampled": f"tuned, temperature {SAMPLED['temperature']}, top {SAMPLED['top_k']}",
    }
    blocks = []
    for number, sample in enumerate(samples, 1):
        asked = "\n".join(f"{message['role']}: {message['content']}" for message in sample["prompt"])
        said = "\n".join(f"--- {head}\n{sample[name]}" for name, head in heads.items())
        blocks.append(f"=== {number}. {sample['row']}\n{asked}\n{said}\n")
    return "\n".join(blocks)


def generate(
    model: "torch.nn.Module", base: BaseModel, prompts: list[list[dict[str, str]]], choice: dict[str, Any]
) -> list[str]:
    """One answer a prompt, `choice` tells how each next token is chosen, and how many there may be."""
    import torch

    encoded = [encode_prompt(base.tokenizer, prompt) for prompt in prompts]
    longest = max(map(len, encoded))
    pad = base.tokenizer.pad_token_id
    # on the left, since answers are appended on the right
    ids = torch.tensor([[pad] * (longest - len(prompt)) + prompt for prompt in encoded], device=model.device)
    mask = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in encoded], device=model.device)
    model.eval()
    with torch.no_grad():
        output = model.generate(
            input_ids=ids,
            attention_mask=mask,
            eos_token_id=end_of_turn_ids(base.tokenizer),
            pad_token_id=pad,
            **choice,
        )
    answers = base.tokenizer.batch_decode(output[:, longest:], skip_special_tokens=True)
    return [answer.strip() for answer in answers]
