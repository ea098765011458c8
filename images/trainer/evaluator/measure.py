"""The matrix of model and setting: every model answers every item, and what is done is never done again."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from evaluator.candidates import Contestant, Lineup
from evaluator.generate import Interrupted, generate
from evaluator.items import Item
from evaluator.likelihood import answer_losses
from evaluator.progress import Progress
from evaluator.prompts import Prompt, Setting, batches, encode_items
from evaluator.samples import Key, Sample, SampleLog, merged, only
from worker.chat import end_of_turn_ids
from worker.failure import WorkerFailure
from worker.termination import Termination

log = logging.getLogger("evaluator")


@dataclass(frozen=True)
class Work:
    """What has to be done with each item."""

    is_generated: bool
    is_scored: bool
    batch_size: int


def measure(
    lineup: Lineup,
    items: list[Item],
    settings: list[Setting],
    work: Work,
    progress: Progress,
    termination: Termination,
) -> dict[Key, Sample]:
    """A sample for each item, model and setting, from the logs where it is there. WorkerFailure `preemptedSaved` on
    SIGTERM.
    """
    logs = {each.name: SampleLog(each.name, each.conditions) for each in lineup.contestants}
    kept = [
        sample
        for name, samples in logs.items()
        for setting in settings
        for item in items
        if (sample := samples.find(item, setting)) is not None
    ]
    found = {sample.key: sample for sample in kept}
    done = {key for key, sample in found.items() if sample.has(work.is_generated, work.is_scored)}
    log.info("measuring", extra={"items": len(items), "settings": len(settings), "samplesKept": len(done)})
    progress.begin_items(len(done), len(items) * len(settings) * len(logs))
    for contestant in lineup.contestants:
        prompts = _missing_batches(contestant, items, settings, work.batch_size, done)
        if not prompts:
            continue
        ends = end_of_turn_ids(contestant.tokenizer)
        with contestant.opened() as acting:
            for setting, batch in prompts:
                try:
                    fresh = _answer(acting, contestant, ends, work, lambda: termination.is_requested, batch, setting)
                except Interrupted:
                    raise _preempted(progress) from None
                samples = [merged(found.get(each.key), each) for each in fresh]
                logs[contestant.name].add(
                    [(prompt.item, setting, sample) for prompt, sample in zip(batch, samples, strict=True)]
                )
                found |= {sample.key: sample for sample in samples}
                progress.add_items(len(samples))
                if termination.is_requested and progress.items.done < progress.items.total:
                    raise _preempted(progress)
    for each in logs.values():
        each.close()
    return {key: only(sample, work.is_generated, work.is_scored) for key, sample in found.items()}


def _missing_batches(
    contestant: Contestant, items: list[Item], settings: list[Setting], size: int, done: set[Key]
) -> list[tuple[Setting, list[Prompt]]]:
    """The batches of an uninterrupted run, since their make-up moves the last bits of the logits, less what is done."""
    wanted = []
    for setting in settings:
        # encoding takes time, too
        if all((setting.name, *item.key, contestant.name) in done for item in items):
            continue
        prompts = encode_items(contestant.tokenizer, items, setting, contestant.positions)
        for batch in batches(prompts, size):
            missing = [each for each in batch if (setting.name, *each.item.key, contestant.name) not in done]
            if missing:
                wanted.append((setting, missing))
    return wanted


def _answer(
    acting: Any,
    contestant: Contestant,
    ends: list[int],
    work: Work,
    is_stopped: Callable[[], bool],
    prompts: list[Prompt],
    setting: Setting,
) -> list[Sample]:
    tokenizer = contestant.tokenizer
    written = losses = None
    if work.is_generated:
        written = generate(acting, [p.ids for p in prompts], ends, setting.max_new, tokenizer.pad_token_id, is_stopped)
    if work.is_scored:
        losses = answer_losses(acting, [(p.ids, p.answer) for p in prompts], tokenizer.pad_token_id)
    return [
        Sample(
            item=prompt.item.id,
            split=prompt.item.split,
            model=contestant.name,
            setting=setting.name,
            isPromptCut=prompt.is_cut,
            output=tokenizer.decode(written[row].ids, skip_special_tokens=True).strip() if written else None,
            newTokens=len(written[row].ids) if written else 0,
            hasEnded=written[row].has_ended if written else True,
            loss=losses[row] if losses else None,
            answerTokens=len(prompt.answer),
        )
        for row, prompt in enumerate(prompts)
    ]


def _preempted(progress: Progress) -> WorkerFailure:
    message = f"stopped after {progress.items.done} of {progress.items.total} items: start again to go on"
    return WorkerFailure("preemptedSaved", "PreemptedSaved", message)
