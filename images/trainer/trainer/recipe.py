"""From a train input to an adapter artifact, in the order in which things can go wrong cheaply."""

import logging
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.admission.combinations import Case, check_combinations
from trainer.admission.preflight import check_room, choose_by_memory, resolve_sharing, with_checkpointing
from trainer.admission.room import Room
from trainer.admission.start import check_start
from trainer.admission.wishes import without_wish
from trainer.checkpoints.init_adapter import check_init
from trainer.checkpoints.run_state import claim_run
from trainer.checkpoints.sealed import CHECKPOINTS, newest_step
from trainer.data.course import Course, make_course, without_unfit_packs
from trainer.data.examples import Example
from trainer.data.rows import Rows, encode_curves, read_rows
from trainer.distributed.ranks import Ranks, join, peers
from trainer.distributed.whole import whole_model
from trainer.distributed.world import keep_rows_a_step
from trainer.exports.wanted import Wanted, check_wanted
from trainer.methods.names import WHOLE, check_new_tokens
from trainer.methods.positions import with_positions
from trainer.methods.quantized import quantized_loading
from trainer.methods.settings import Method
from trainer.optimization.dropout import dropout_options
from trainer.optimization.machinery import attention_options, has_flash_attention
from trainer.optimization.optimizer import rates_of
from trainer.optimization.precision import resolve_precision
from trainer.optimization.replay import check_replay
from trainer.outcome.diagnosis import Warned
from trainer.progress.startup import StartUp
from trainer.robustness.interventions import Intervention, figures, load_interventions
from trainer.settings import Settings, resolve_settings
from trainer.stages import longest, needs_text, takes_text
from trainer.unneeded import hidden, unneeded
from worker.context import check_context, with_context
from worker.models import BaseModel, Words, load, load_config, load_tokenizer
from worker.progress import Reporter
from worker.store import run_folder, verified
from worker.termination import Interrupted, Termination

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

    from trainer.outcome.finish import Outcome

log = logging.getLogger("trainer")


@dataclass(frozen=True)
class Prepared:
    """All that a training needs, loaded and checked; `base_model` is that of the input, with its context.

    `init_adapter` is the folder of the adapter to begin with, `resume_from` the part of the input that names a run.

    `curves` maps "recall" and "unseen" to validation examples.
    """

    base_model: dict[str, Any]
    base: BaseModel
    rows: Rows
    course: Course
    curves: dict[str, list[Example]]
    settings: Settings
    ranks: Ranks
    init_adapter: Path | None = None
    resume_from: dict[str, Any] | None = None
    interventions: tuple[Intervention, ...] = ()
    start_up: StartUp = field(default_factory=StartUp)
    # what is known to be otherwise than it was asked for, before anything is trained
    warned: tuple[Warned, ...] = ()

    @property
    def examples(self) -> list[Example]:
        """Those of the last stage."""
        return self.course.fitted.examples

    @property
    def counts(self) -> dict[str, int]:
        """What became of rows of the last stage that are not trained as they are."""
        return self.course.fitted.counts()

    def base_of_files(self) -> "PreTrainedModel":
        """The base model in the number format of its files, on the host, which maps them and so holds no copy."""
        template = self.base.template.name if self.base.template.marks else "auto"
        return load(self.base_model, "auto", template, "cpu").model

    def whole_model(self, checkpoint: Path) -> "torch.nn.Module":
        """The tuned model of a checkpoint in one piece."""
        return whole_model(self.base_model, self.base.model.dtype, checkpoint)


def train(
    value: dict[str, Any], reporter: Reporter, termination: Termination, *, is_only_run: bool = False
) -> dict[str, Any]:
    """Train by a valid train input and give the result; WorkerFailure for all that the contract has a code for.

    `is_only_run`: of this process, which so needs no package that this run does not need.
    """
    start_up = StartUp.of_process()
    start_up.done("python")
    dataset = verified(value["dataset"], "dataset")
    rows = read_rows(dataset, takes_text(value), needs_text(value))
    folder = run_folder(value["run"]["id"])
    # a pod that starts again must not make the operator forget what the run has been through
    step = newest_step(folder / CHECKPOINTS)
    reporter.post(None if step else 0, {"step": step, **figures(load_interventions(folder))})
    start_up.done("admission")
    # only now: importing torch and transformers takes seconds
    import torch

    with hidden(unneeded(value, torch.cuda.is_available()) if is_only_run else ()):
        from trainer.attempts import train_to_the_end
        from trainer.session import stop_if_asked
    start_up.done("imports")

    ranks = join()
    # a large model takes long to fetch, to load and to export
    with peers(ranks), reporter.repeating():
        prepared, outcome = train_to_the_end(
            lambda: prepare(value, rows, folder, ranks, start_up), ranks, folder, reporter, termination
        )
        try:
            # generation and export save nothing and can be done again
            with termination.interruptible():
                result = publish(value, prepared, outcome) if ranks.is_main else ranks.hear()
        except Interrupted:
            stop_if_asked(termination, folder)
            raise
        ranks.tell(result)
    reporter.post(100, outcome.metrics)
    return result


def publish(value: dict[str, Any], prepared: Prepared, outcome: "Outcome") -> dict[str, Any]:
    """Publish the adapter and give the result."""
    from trainer.outcome.summary import publish_outcome, push_artifact, summary, told

    artifact, exports = publish_outcome(value, prepared, outcome)
    published = push_artifact(value, artifact, exports)
    message = describe(outcome.step, outcome.last_step)
    return told(message, artifact, {**summary(prepared, outcome, exports), "published": published})


def describe(step: int, last_step: int) -> str:
    if step == last_step:
        return f"adapter trained for {step} steps"
    return f"adapter trained for {last_step} steps, those after the best one at step {step} taken back"


def prepare(value: dict[str, Any], rows: Rows, folder: Path, ranks: Ranks, start_up: StartUp) -> Prepared:
    """Load the model and encode the rows."""
    import torch

    from trainer.optimization.schedule import check_schedule

    value, not_mixed = without_wish(value, [row.domain == "general" for row in rows.train])
    if not_mixed and ranks.is_main:
        log.warning(not_mixed.message, extra={"reason": not_mixed.reason})
    precision = resolve_precision(value["training"]["precision"])
    value = {**value, "baseModel": with_context(value["baseModel"], value["context"])}
    config = load_config(value["baseModel"])
    capacity = torch.cuda.mem_get_info()[1] if torch.cuda.is_available() else None
    words = load_tokenizer(value["baseModel"], value["training"]["chatTemplate"])
    marks = words.template.marks
    method = choose_by_memory(
        value, len(rows.train), config, precision, capacity, ranks.world_size, has_new_tokens=bool(marks)
    )
    value = with_checkpointing(value, config, method, precision, capacity, ranks.world_size)
    sharing = resolve_sharing(value, config, method, precision, capacity, ranks.world_size)
    if capacity is not None:
        check_room(value, config, method, precision, Room(capacity, ranks.world_size, sharing))
    machine = (torch.cuda.is_available(), has_flash_attention())
    check_combinations(Case(value, method.name, precision, sharing.strategy, ranks.world_size, *machine))
    check_replay(value["training"]["replay"], method.name, sharing.is_sharded)
    value = keep_rows_a_step(folder, value, ranks.world_size, sharing.strategy, ranks.is_main)
    check_start(value, config, method, precision, folder)
    start_up.done("admission")
    # weights may take minutes, on a GPU that somebody pays for: what can be wrong without them is told before
    check_new_tokens(method.name, marks)
    check_schedule(value["training"]["scheduler"], bool(rows.curves))
    check_context(config, value["context"], longest(value))
    check_wanted(Wanted.of(value), method.name, config, words.tokenizer)
    course = make_course(value, words.tokenizer, rows, ranks.world_size)
    start_up.done("data")
    base = load_base(value, method, config, precision, "cpu" if sharing.has_sharded_weights else None, words)
    start_up.done("baseModel")
    method = with_positions(method, base.model, value["context"])
    if value["initAdapter"]:
        check_init(init := verified(value["initAdapter"], "initAdapter"), base.revision, method.name, value)
    begun = {"dataset": value["dataset"]["digest"], "baseModel": base.revision}
    optimizer = {"optimizer": value["training"]["optimizer"], "rates": rates_of(method)}
    claim_run(folder, {**begun, "precision": precision, "method": method.name, **optimizer})
    course = without_unfit_packs(course, value["training"], method.name, base.model)
    if ranks.is_main:
        # before the first step, for who looks at a run that fails
        (folder / "mask_preview.txt").write_text(course.preview(base.tokenizer), "utf-8")
    examples = course.fitted.examples
    settings = resolve_settings(value, len(examples), precision, method, ranks.world_size, course.draws)
    settings = replace(settings, sharing=sharing)
    curves = encode_curves(base.tokenizer, rows, settings.max_length, settings.truncation, settings.curve_rows)
    start_up.done("data")
    return Prepared(
        value["baseModel"],
        base,
        rows,
        course,
        curves,
        settings,
        ranks,
        init_adapter=init / "adapter" if value["initAdapter"] else None,
        resume_from=value["resumeFrom"],
        start_up=start_up,
        warned=(not_mixed,) if not_mixed else (),
    )


def load_base(
    value: dict[str, Any], method: Method, config: Any, precision: str, device: str | None, words: Words
) -> BaseModel:
    """The base model in the number format of the method, with the dropout that is asked for."""
    import torch

    computed = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(precision, torch.float32)
    # weights that are trained, or scaled in fp16, need all their digits
    dtype = torch.bfloat16 if precision == "bf16" and method.name not in WHOLE else torch.float32
    options = {
        **dropout_options(config, value["training"]["dropout"]),
        **quantized_loading(method.quantization, computed),
        **attention_options(value["training"]["attention"]),
    }
    return load(value["baseModel"], dtype, device=device, options=options, words=words)
