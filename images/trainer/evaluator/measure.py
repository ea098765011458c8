"""The matrix of model and setting: every model answers every item, and what is done is never done again."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from evaluator.generate import Interrupted, generate
from evaluator.items import Item
from evaluator.likelihood import answer_losses
from evaluator.prompts import Prompt, Setting, batches, encode_items
from evaluator.samples import Sample, SampleFile
from evaluator.subject import MODELS, Subject
from worker.chat import end_of_turn_ids
from worker.failure import WorkerFailure
from worker.progress import Reporter
from worker.termination import Termination


@dataclass
class Progress:
    """Items done of all items times models times settings, those of earlier attempts included."""

    total: int
    done: int
    reporter: Reporter
    clock: Callable[[], float] = time.monotonic
    _first: int = field(init=False)
    _started: float = field(init=False)

    def __post_init__(self) -> None:
        self._first = self.done
        self._started = self.clock()
        self.report()

    def add(self, number: int) -> None:
        self.done += number
        self.report()

    def report(self) -> None:
        fresh = self.done - self._first
        remaining = (self.clock() - self._started) / fresh * (self.total - self.done) if fresh else None
        self.reporter.post(
            100 * self.done / self.total, {"items_done": self.done, "items_total": self.total}, remaining
        )


@dataclass(frozen=True)
class Work:
    """What has to be done with each item."""

    is_generated: bool
    is_scored: bool
    batch_size: int


def measure(
    subject: Subject,
    items: list[Item],
    settings: list[Setting],
    work: Work,
    file: SampleFile,
    reporter: Reporter,
    termination: Termination,
) -> None:
    """Fill `file` with a sample for each item, model and setting. WorkerFailure `preemptedSaved` on SIGTERM."""
    wanted = {(setting.name, item.split, item.id, model) for setting in settings for item in items for model in MODELS}
    progress = Progress(len(wanted), len(wanted & file.samples.keys()), reporter)
    answer = partial(_answer, subject, end_of_turn_ids(subject.tokenizer), work, lambda: termination.is_requested)
    for setting in settings:
        prompts = encode_items(subject.tokenizer, items, setting, subject.model.config.max_position_embeddings)
        for batch in batches(prompts, work.batch_size):
            for model in MODELS:
                # the batches are those of an uninterrupted run: their make-up moves the last bits of the logits
                missing = [prompt for prompt in batch if _key(prompt, model, setting) not in file.samples]
                if not missing:
                    continue
                try:
                    samples = answer(missing, model, setting)
                except Interrupted:
                    raise _preempted(progress) from None
                file.add(samples)
                progress.add(len(samples))
                if termination.is_requested and progress.done < progress.total:
                    raise _preempted(progress)


def _answer(
    subject: Subject,
    ends: list[int],
    work: Work,
    is_stopped: Callable[[], bool],
    prompts: list[Prompt],
    model: str,
    setting: Setting,
) -> list[Sample]:
    pad = subject.tokenizer.pad_token_id
    with subject.acting_as(model) as acting:
        written = losses = None
        if work.is_generated:
            written = generate(acting, [p.ids for p in prompts], ends, setting.max_new, pad, is_stopped)
        if work.is_scored:
            losses = answer_losses(acting, [(p.ids, p.answer) for p in prompts], pad)
    return [
        Sample(
            item=prompt.item.id,
            split=prompt.item.split,
            model=model,
            setting=setting.name,
            isPromptCut=prompt.is_cut,
            output=subject.tokenizer.decode(written[row].ids, skip_special_tokens=True).strip() if written else None,
            newTokens=len(written[row].ids) if written else 0,
            hasEnded=written[row].has_ended if written else True,
            loss=losses[row] if losses else None,
            answerTokens=len(prompt.answer),
        )
        for row, prompt in enumerate(prompts)
    ]


def _key(prompt: Prompt, model: str, setting: Setting) -> tuple[str, str, str, str]:
    return setting.name, prompt.item.split, prompt.item.id, model


def _preempted(progress: Progress) -> WorkerFailure:
    message = f"stopped after {progress.done} of {progress.total} items: start again to go on"
    return WorkerFailure("preemptedSaved", "PreemptedSaved", message)
