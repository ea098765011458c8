"""`python -m trainer --dry-run INPUT`: what a run would do and all that it would be refused for, without its weights.

Needs no GPU: `--gpu-memory 24` asks whether the run fits one of 24 GiB, `--gpu "NVIDIA A100"` how long it may take,
`--processes 8` what 8 of them do (GPUs of a node times nodes).
Prints JSON, and ends with the exit code that the run itself would end with.
"""

import argparse
import json
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from worker.contract import read_input_of
from worker.failure import WorkerFailure

if TYPE_CHECKING:
    from trainer.data.rows import Rows
    from trainer.methods.settings import Method
    from worker.models import Words

GIBIBYTE = 1 << 30
# GPUs in use that do not multiply bf16, by a part of their names
WITHOUT_BF16 = ("T4", "V100", "P100", "RTX 20")

Found = TypeVar("Found")


@dataclass(frozen=True)
class Machine:
    """`capacity` in bytes and `gpu` by its name are of one GPU, None where that is a CPU; `processes` of the run."""

    capacity: int | None = None
    gpu: str | None = None
    processes: int = 1

    def or_this_one(self) -> "Machine":
        """With what is known of this machine, where nothing else was given."""
        import torch

        if not torch.cuda.is_available():
            return self
        capacity = self.capacity or torch.cuda.mem_get_info()[1]
        return Machine(capacity, self.gpu or torch.cuda.get_device_name(), self.processes)

    @property
    def has_gpu(self) -> bool:
        return self.capacity is not None or self.gpu is not None

    def precision(self, asked: str) -> str:
        """As a run there resolves it, as far as the name of a GPU tells that is not here."""
        import torch

        from trainer.optimization.precision import resolve_precision

        if asked != "auto" or not self.has_gpu or torch.cuda.is_available():
            return resolve_precision(asked)
        return "fp16" if any(name in (self.gpu or "") for name in WITHOUT_BF16) else "bf16"


class Refusals:
    """Collects what goes wrong, so that all of it is told at once."""

    def __init__(self) -> None:
        self.found: list[WorkerFailure] = []

    def ask(self, question: Callable[[], Found]) -> Found | None:
        """The answer, None where it is a refusal."""
        try:
            return question()
        except WorkerFailure as failure:
            if failure.message not in {known.message for known in self.found}:
                self.found.append(failure)
            return None

    @property
    def code(self) -> int:
        return self.found[0].code if self.found else 0

    def as_list(self) -> list[dict[str, Any]]:
        return [{"exitCode": one.code, "reason": one.reason, "message": one.message} for one in self.found]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m trainer", description=__doc__.split("\n\n")[0])
    parser.add_argument(
        "--dry-run", type=Path, metavar="INPUT", required=True, help="a train input, as in the ConfigMap"
    )
    parser.add_argument("--gpu-memory", type=float, metavar="GIB", help="of one GPU; that of this machine if not given")
    parser.add_argument("--gpu", metavar="NAME", help='such as "NVIDIA A100"; that of this machine if not given')
    parser.add_argument("--processes", type=int, default=1, metavar="N", help="of the run, one a GPU; 1 if not given")
    asked = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    refusals = Refusals()
    value = refusals.ask(lambda: read_input_of("train-input", asked.dry_run))
    capacity = None if asked.gpu_memory is None else int(asked.gpu_memory * GIBIBYTE)
    machine = Machine(capacity, asked.gpu, asked.processes)
    plan = dry_run(value, refusals, machine) if value else {}
    print(json.dumps({**plan, "refusals": refusals.as_list()}, indent=2, ensure_ascii=False))
    return refusals.code


def dry_run(value: dict[str, Any], refusals: Refusals, machine: Machine) -> dict[str, Any]:
    """What a train input leads to, as far as that is known; the rest is in `refusals`."""
    from trainer.admission.licence import check_licence, licence_warning, read_licence
    from trainer.admission.wishes import without_wish
    from trainer.data.rows import read_rows
    from trainer.stages import needs_text, takes_text
    from worker.context import with_context
    from worker.models import load_config
    from worker.store import verified

    told: dict[str, Any] = {"baseModel": value["baseModel"], "dataset": value["dataset"]}
    value = {**value, "baseModel": with_context(value["baseModel"], value["context"])}
    dataset = refusals.ask(lambda: verified(value["dataset"], "dataset"))
    rows = dataset and refusals.ask(lambda: read_rows(dataset, takes_text(value), needs_text(value)))
    config = refusals.ask(lambda: load_config(value["baseModel"]))
    if config is None:
        return told
    refusals.ask(lambda: check_licence(value["baseModel"], value["acceptLicense"]))
    licence = refusals.ask(lambda: read_licence(value["baseModel"]))
    if licence:
        warning = licence_warning(licence)
        told |= {"licence": licence.as_dict(), "warnings": [warning.as_dict()] if warning else []}
    if rows is None:
        return told
    value, not_mixed = without_wish(value, [row.domain == "general" for row in rows.train])
    told["warnings"] = [*told.get("warnings", []), *([not_mixed.as_dict()] if not_mixed else [])]
    return told | plan_run(value, rows, config, refusals, machine.or_this_one())


def plan_run(value: dict[str, Any], rows: "Rows", config: Any, refusals: Refusals, machine: Machine) -> dict[str, Any]:
    """Method, memory, disk, steps, tokens and time."""
    from trainer.admission.combinations import COMBINATIONS, Case
    from trainer.admission.preflight import check_room, choose_by_memory, plan_of, resolve_sharing, with_checkpointing
    from trainer.admission.room import Room
    from trainer.admission.start import check_start, space_for
    from trainer.admission.vram import estimate, known_shape
    from trainer.distributed.strategies import Sharing
    from trainer.optimization.replay import check_replay
    from worker.models import load_tokenizer
    from worker.store import store_root

    capacity, processes = machine.capacity, machine.processes
    precision = machine.precision(value["training"]["precision"])
    words = refusals.ask(lambda: load_tokenizer(value["baseModel"], value["training"]["chatTemplate"]))
    machines = (precision, capacity, processes)
    has_new_tokens = words is not None and bool(words.template.marks)
    method = refusals.ask(
        lambda: choose_by_memory(value, len(rows.train), config, *machines, has_new_tokens=has_new_tokens)
    )
    if method is None:
        return {"precision": precision}
    value = refusals.ask(lambda: with_checkpointing(value, config, method, precision, capacity, processes)) or value
    told: dict[str, Any] = {"method": {"name": method.name, "reason": method.reason}, "precision": precision}
    resolved = refusals.ask(lambda: resolve_sharing(value, config, method, precision, capacity, processes))
    sharing = resolved or Sharing()
    shape = known_shape(config)
    plan = shape and refusals.ask(lambda: plan_of(value, method, shape.layers, precision))
    if plan:
        a_device = round(estimate(shape, plan, sharing, processes))
        told["memory"] = {"estimatedBytes": a_device, "capacityBytes": capacity}
        told["disk"] = space_for(value, shape, method, precision).as_dict()
    if resolved and capacity is not None:
        refusals.ask(lambda: check_room(value, config, method, precision, Room(capacity, processes, sharing)))
    # packages of the image that trains, which need not be here
    case = Case(value, method.name, precision, sharing.strategy, processes, machine.has_gpu, True)
    for combination in COMBINATIONS:
        refusals.ask(partial(combination.check, case))
    refusals.ask(lambda: check_replay(value["training"]["replay"], method.name, sharing.is_sharded))
    refusals.ask(lambda: check_adapter(value, method.name))
    folder = store_root() / "runs" / value["run"]["id"]
    refusals.ask(lambda: check_start(value, config, method, precision, folder))
    return told | (plan_steps(value, rows, config, words, method, precision, refusals, machine) if words else {})


def check_adapter(value: dict[str, Any], method: str) -> None:
    """As a run checks the adapter that it begins with."""
    from trainer.checkpoints.init_adapter import check_init
    from worker.models import revision_of
    from worker.store import verified

    if value["initAdapter"]:
        check_init(verified(value["initAdapter"], "initAdapter"), revision_of(value["baseModel"]), method, value)


def plan_steps(
    value: dict[str, Any],
    rows: "Rows",
    config: Any,
    words: "Words",
    method: "Method",
    precision: str,
    refusals: Refusals,
    machine: Machine,
) -> dict[str, Any]:
    from trainer.admission.forecast import Sizes, forecast
    from trainer.admission.preflight import may_train_embeddings
    from trainer.admission.vram import known_shape
    from trainer.data.course import make_course
    from trainer.exports.wanted import Wanted, check_wanted
    from trainer.methods.names import check_new_tokens
    from trainer.optimization.schedule import check_schedule
    from trainer.settings import resolve_settings
    from trainer.stages import longest
    from worker.context import check_context

    tokenizer, template = words
    refusals.ask(lambda: check_new_tokens(method.name, template.marks))
    refusals.ask(lambda: check_schedule(value["training"]["scheduler"], bool(rows.curves)))
    refusals.ask(lambda: check_context(config, value["context"], longest(value)))
    refusals.ask(lambda: check_wanted(Wanted.of(value), method.name, config, tokenizer))
    # whether the model keeps packed rows apart is tried with its weights
    course = refusals.ask(lambda: make_course(value, tokenizer, rows, machine.processes))
    if course is None:
        return {"chatTemplate": template.name}
    fitted = course.fitted
    settings = resolve_settings(value, len(fitted.examples), precision, method, machine.processes, course.draws)
    shape = known_shape(config)
    has_new = may_train_embeddings(value)
    sizes = shape and refusals.ask(lambda: Sizes.of(shape, settings, has_new_tokens=has_new))
    ahead = forecast(course.draws, settings, sizes or Sizes(), machine.gpu if sizes else None)
    return {
        "chatTemplate": template.name,
        "rows": {"train": len(fitted.examples), **fitted.counts()},
        "steps": {"total": ahead.steps, "anEpoch": ahead.steps_an_epoch, "rowsEach": settings.rows_a_step},
        "tokens": {"epoch": ahead.epoch_tokens, "total": ahead.tokens},
        "expectedSeconds": ahead.seconds,
        "learningRate": settings.learning_rate,
        "evaluations": {"everySteps": settings.evaluation_steps},
        "checkpoints": {"everySteps": settings.checkpoint_steps, "keep": settings.checkpoints_kept},
    }
