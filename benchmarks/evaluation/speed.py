"""Our evaluator and lm-eval on one model, in turns: `speed.py ITEMS OUT ROUNDS BATCH NEW_TOKENS`.

ITEMS is a JSON list of {"question", "answer"}, OUT gets the seconds of each arm in each round. Both arms have the same
model object, the same token ids, batch size and threads; what is loaded and encoded before is nobody's time.
"""

import gc
import json
import sys
import time
from pathlib import Path

import torch
from evaluator.generate import generate
from evaluator.items import Item
from evaluator.likelihood import answer_losses
from evaluator.prompts import Setting, batches, encode_items
from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM
from worker.chat import end_of_turn_ids
from worker.models import load

MODEL = "smollm2-135m"
LONGEST_PROMPT = 1024


def ours_written(model, tokenizer, prompts, batch, new):
    """Token ids that each item's answer has, by item."""
    ends, pad = end_of_turn_ids(tokenizer), tokenizer.pad_token_id
    said = {}
    for part in batches(prompts, batch):
        written = generate(model, [prompt.ids for prompt in part], ends, new, pad, lambda: False)
        said |= {prompt.item.id: tokenizer.decode(text.ids) for prompt, text in zip(part, written, strict=True)}
    return said


def theirs_written(harness, tokenizer, prompts, new):
    options = {"until": [tokenizer.decode(end) for end in end_of_turn_ids(tokenizer)], "max_gen_toks": new}
    asked = [
        Instance("generate_until", {}, (tokenizer.decode(prompt.ids), {**options, "do_sample": False}), place)
        for place, prompt in enumerate(prompts)
    ]
    told = harness.generate_until(asked, disable_tqdm=True)
    return {prompt.item.id: text for prompt, text in zip(prompts, told, strict=True)}


def ours_scored(model, tokenizer, prompts, batch):
    scored = {}
    for part in batches(prompts, batch):
        losses = answer_losses(model, [(prompt.ids, prompt.answer) for prompt in part], tokenizer.pad_token_id)
        scored |= {prompt.item.id: -loss for prompt, loss in zip(part, losses, strict=True)}
    return scored


def theirs_scored(harness, prompts):
    asked = [((prompt.item.id, ""), prompt.ids, prompt.answer) for prompt in prompts]
    told = harness._loglikelihood_tokens(asked, disable_tqdm=True)  # noqa: SLF001 - the same ids for both
    return {prompt.item.id: value for prompt, (value, _) in zip(prompts, told, strict=True)}


def timed(work, *given):
    gc.collect()
    wall, processor = time.monotonic(), time.process_time()
    found = work(*given)
    return found, {"wall": time.monotonic() - wall, "processor": time.process_time() - processor}


def main(items, out, rounds, batch, new):
    base = load({"builtIn": MODEL})
    model, tokenizer = base.model.eval(), base.tokenizer
    rows = [
        [{"role": "user", "content": row["question"]}, {"role": "assistant", "content": row["answer"]}]
        for row in json.loads(items.read_text("utf-8"))
    ]
    asked = [Item(str(place), "test", "en", messages) for place, messages in enumerate(rows)]
    prompts = encode_items(
        tokenizer, asked, Setting("speed", LONGEST_PROMPT, new), model.config.max_position_embeddings
    )
    harness = HFLM(pretrained=model, tokenizer=tokenizer, batch_size=batch)
    for prompt in prompts:
        # else the arms would be asked different things
        assert harness.tok_encode(tokenizer.decode(prompt.ids)) == prompt.ids
    arms = {
        "generation": {
            "doctune": lambda chosen: ours_written(model, tokenizer, chosen, batch, new),
            "lm-eval": lambda chosen: theirs_written(harness, tokenizer, chosen, new),
        },
        "loglikelihood": {
            "doctune": lambda chosen: ours_scored(model, tokenizer, chosen, batch),
            "lm-eval": lambda chosen: theirs_scored(harness, chosen),
        },
    }
    seconds = {work: {name: [] for name in both} for work, both in arms.items()}
    found = {work: {} for work in arms}
    for both in arms.values():
        for run in both.values():
            # what the first call of a library costs
            run(prompts[:2])
    for _ in range(rounds):
        for work, both in arms.items():
            for name, run in both.items():
                found[work][name], took = timed(run, prompts)
                seconds[work][name].append(took)
    written, scored = found["generation"], found["loglikelihood"]
    value = {
        "items": len(prompts),
        "promptTokens": sum(len(prompt.ids) for prompt in prompts),
        "answerTokens": sum(len(prompt.answer) for prompt in prompts),
        "threads": torch.get_num_threads(),
        "seconds": seconds,
        # what is compared must do the same
        "sameAnswers": sum(written["doctune"][key].strip() == text.strip() for key, text in written["lm-eval"].items()),
        "largestDifference": max(abs(scored["doctune"][key] - scored["lm-eval"][key]) for key in scored["doctune"]),
    }
    out.write_text(json.dumps(value), "utf-8")


if __name__ == "__main__":
    places, numbers = map(Path, sys.argv[1:3]), map(int, sys.argv[3:])
    main(*places, *numbers)
