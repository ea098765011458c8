"""What a model answers, and how likely it finds the answers of documents that were not trained.

`answer.py DATASET QUESTIONS OUT [ADAPTER]`: QUESTIONS is a JSON list of ids of the split "recall"; all of "test" is
scored. Without ADAPTER it is the base model. Greedy, by the functions of the evaluator.
"""

import json
import math
import sys
from pathlib import Path

from evaluator.generate import generate
from evaluator.likelihood import answer_losses
from peft import PeftModel
from worker.chat import encode_chat, encode_prompt, end_of_turn_ids
from worker.models import load
from worker.rows import load_rows
from worker.threads import limit_threads

BATCH, MOST_TOKENS = 16, 128


def split_off(tokenizer, row):
    """Prompt and answer as token ids."""
    chat = encode_chat(tokenizer, row.messages)
    start = chat.is_answer.index(True)
    return chat.ids[:start], chat.ids[start:]


def perplexity(base, model, rows):
    pairs = [split_off(base.tokenizer, row) for row in rows]
    losses = answer_losses(model, pairs, base.tokenizer.pad_token_id)
    return math.exp(sum(losses) / sum(len(answer) for _, answer in pairs))


def answers(base, model, rows):
    """Row id -> what the model says, rows of about one length at a time."""
    said = {}
    ends = end_of_turn_ids(base.tokenizer)
    ordered = sorted(rows, key=lambda row: len(row.messages[-1]["content"]))
    for start in range(0, len(ordered), BATCH):
        batch = ordered[start : start + BATCH]
        prompts = [encode_prompt(base.tokenizer, row.messages[:-1]) for row in batch]
        written = generate(model, prompts, ends, MOST_TOKENS, base.tokenizer.pad_token_id, lambda: False)
        for row, text in zip(batch, written, strict=True):
            said[row.id] = base.tokenizer.decode(text.ids, skip_special_tokens=True).strip()
    return said


def bleu(said, rows):
    from sacrebleu import corpus_bleu

    return corpus_bleu([said[row.id] for row in rows], [[row.messages[-1]["content"] for row in rows]]).score


def main(dataset, questions, out, adapter=None):
    limit_threads()
    base = load({"builtIn": "smollm2-135m"})
    model = PeftModel.from_pretrained(base.model, adapter).eval() if adapter else base.model
    asked = set(json.loads(questions.read_text("utf-8")))
    rows = [row for row in load_rows(dataset, "recall") if row.id in asked]
    said = answers(base, model, rows)
    value = {
        "answers": said,
        "bleu": bleu(said, rows),
        "recallPerplexity": perplexity(base, model, rows),
        "unseenPerplexity": perplexity(base, model, load_rows(dataset, "test")),
    }
    out.write_text(json.dumps(value, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
