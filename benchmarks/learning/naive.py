"""A plain training loop, as a first attempt is written: `naive.py DATASET OUT STEPS SEED`.

One wording a fact, rows in random order padded to the longest, logits everywhere, LoRA r 16 on all linear layers at a
constant rate, no look at the validation rows, and the last weights are taken. It masks prompts, and lets answers end.
"""

import json
import random
import sys
import time
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

MODEL = "/models/smollm2-135m"
BATCH, RATE = 4, 1e-3


def encode(tokenizer, messages):
    prompt = tokenizer.apply_chat_template(messages[:-1], tokenize=False, add_generation_prompt=True)
    given = tokenizer.encode(prompt, add_special_tokens=False)
    answer = tokenizer.encode(messages[-1]["content"] + "<|im_end|>", add_special_tokens=False)
    return given + answer, [-100] * len(given) + answer


def padded(batch, pad):
    longest = max(len(ids) for ids, _ in batch)
    ids = [row + [pad] * (longest - len(row)) for row, _ in batch]
    labels = [row + [-100] * (longest - len(row)) for _, row in batch]
    return {"input_ids": torch.tensor(ids), "labels": torch.tensor(labels)}


def main(dataset, out, steps, seed):
    torch.manual_seed(seed)
    generator = random.Random(seed)
    tokenizer = AutoTokenizer.from_pretrained(MODEL)
    model = AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32)
    model = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", r=16, lora_alpha=32, target_modules="all-linear"))
    lines = (dataset / "train.jsonl").read_text("utf-8").splitlines()
    # the first wording of each fact
    rows = list({row["fact"]: row for row in map(json.loads, reversed(lines))}.values())
    examples = [encode(tokenizer, row["messages"]) for row in rows]
    optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=RATE)
    began, processor = time.monotonic(), time.process_time()
    for _ in range(steps):
        loss = model(**padded(generator.sample(examples, BATCH), tokenizer.pad_token_id)).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    times = {"seconds": time.monotonic() - began, "processorSeconds": time.process_time() - processor}
    model.save_pretrained(out / "adapter")
    (out / "training.json").write_text(json.dumps({"steps": steps, "rows": len(examples), **times}), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
