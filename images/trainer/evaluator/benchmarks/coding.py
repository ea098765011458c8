"""Programming tasks: the model writes a function, and hidden tests say whether it works."""

import re
from collections.abc import Callable
from typing import Any

from evaluator.answer_log import AnswerLog, digest_of, shared_folder
from evaluator.benchmarks.harness import Score
from evaluator.benchmarks.sandbox import Outcome, run_code
from evaluator.benchmarks.tasks import Benchmark, draw, read_code, subject_of
from evaluator.candidates import Contestant
from evaluator.generate import generate
from worker.chat import encode_prompt, end_of_turn_ids
from worker.failure import WorkerFailure
from worker.termination import Termination

MAX_NEW = 384
BLOCK = re.compile(r"```(?:python|py)?[ \t]*\n(.*?)(?:```|\Z)", re.DOTALL)
ASK = (
    "Complete this Python function. Answer with the whole function in one code block, and nothing else.\n\n"
    "```python\n{}```"
)


def program(prompt: str, answer: str, test: str, entry_point: str) -> str:
    """What is run: the function of the answer, or the prompt with its continuation, then the tests."""
    found = BLOCK.search(answer)
    body = found.group(1) if found else answer
    # a bare continuation has no head of its own
    whole = body if f"def {entry_point}" in body else prompt + body
    return f"{whole}\n\n{test}\n\ncheck({entry_point})\n"


def run_coding(
    benchmark: Benchmark,
    contestant: Contestant,
    opened: Callable[[], Any],
    batch_size: int,
    seed: int,
    termination: Termination,
) -> list[Score]:
    """1 for each task whose tests pass; that its code at least parses is a score of its own, "parses"."""
    rows = read_code(benchmark.folder, benchmark.name)
    subjects = [subject_of(row, "code") for row in rows]
    chosen = draw(subjects, benchmark.maximum, seed, benchmark.name)
    log = AnswerLog(shared_folder("benchmarks", digest_of([contestant.conditions, benchmark.digest])))
    keys = {place: digest_of([rows[place], MAX_NEW]) for place in chosen}
    missing = [place for place in chosen if log.get(keys[place]) is None]
    tokenizer = contestant.tokenizer
    for start in range(0, len(missing), batch_size):
        if termination.is_requested:
            raise WorkerFailure("preemptedSaved", "PreemptedSaved", f'stopped within "{benchmark.name}": start again')
        part = missing[start : start + batch_size]
        asked = [
            encode_prompt(tokenizer, [{"role": "user", "content": ASK.format(rows[place]["prompt"])}]) for place in part
        ]
        room = min(MAX_NEW, contestant.positions - max(map(len, asked)))
        written = generate(
            opened(), asked, end_of_turn_ids(tokenizer), max(1, room), tokenizer.pad_token_id, lambda: False
        )
        answers = [tokenizer.decode(each.ids, skip_special_tokens=True) for each in written]
        log.add((keys[place], _checked(rows[place], answer)) for place, answer in zip(part, answers, strict=True))
    log.close()
    found = [(place, log.get(keys[place]) or {}) for place in chosen]
    return [
        Score(benchmark.name, benchmark.name, place, subjects[place], metric, kept[metric], 1.0)
        for metric in ("passes", "parses")
        for place, kept in found
    ]


def _checked(row: dict[str, Any], answer: str) -> dict[str, Any]:
    outcome = run_code(program(row["prompt"], answer, row["test"], row["entry_point"]))
    return {
        "output": answer,
        "passes": float(outcome is Outcome.PASSED),
        "parses": float(outcome is not Outcome.UNPARSED),
    }
