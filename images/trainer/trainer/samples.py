"""What the model says before and after, on the same prompts."""

import json
from typing import TYPE_CHECKING

from worker.chat import encode_prompt, end_of_turn_ids
from worker.models import BaseModel
from worker.rows import Row

if TYPE_CHECKING:
    from peft import PeftModel

PROMPTS = 5
MAX_NEW_TOKENS = 64


def choose_rows(curves: dict[str, list[Row]]) -> list[Row]:
    """The first rows of the curve that comes first: those about trained facts, where there are some."""
    return next((rows[:PROMPTS] for rows in curves.values() if rows), [])


def render_samples(model: "PeftModel", base: BaseModel, rows: list[Row]) -> str:
    """JSON lines `{row, prompt, reference, base, tuned}`; greedy, so the same model says the same again."""
    if not rows:
        return ""
    prompts = [row.messages[:-1] for row in rows]
    tuned = generate(model, base, prompts)
    with model.disable_adapter():
        untuned = generate(model, base, prompts)
    lines = [
        {"row": row.id, "prompt": prompt, "reference": row.messages[-1]["content"], "base": before, "tuned": after}
        for row, prompt, before, after in zip(rows, prompts, untuned, tuned, strict=True)
    ]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def generate(model: "PeftModel", base: BaseModel, prompts: list[list[dict[str, str]]]) -> list[str]:
    """One greedy answer a prompt, of at most MAX_NEW_TOKENS tokens."""
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
            max_new_tokens=MAX_NEW_TOKENS,
            do_sample=False,
            eos_token_id=end_of_turn_ids(base.tokenizer),
            pad_token_id=pad,
        )
    answers = base.tokenizer.batch_decode(output[:, longest:], skip_special_tokens=True)
    return [answer.strip() for answer in answers]
