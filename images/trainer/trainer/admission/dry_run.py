"""`python -m trainer --dry-run INPUT`: what a run would do and all that it would be refused for, without its weights.

Needs no GPU: `--gpu-memory 24` asks whether the run fits one of 24 GiB, `--gpu "NVIDIA A100"` how long it may take.
Prints JSON, and ends with the exit code that the run itself would end with.
"""

import argparse
import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from worker.contract import read_input_of
from worker.failure import WorkerFailure

if TYPE_CHECKING:
    from trainer.data.rows import Rows
    from trainer.methods.settings import Method

GIBIBYTE = 1 << 30

Found = TypeVar("Found")


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
    asked = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    refusals = Refusals()
    value = refusals.ask(lambda: read_input_of("train-input", asked.dry_run))
    capacity = None if asked.gpu_memory is None else int(asked.gpu_memory * GIBIBYTE)
    plan = dry_run(value, refusals, capacity, asked.gpu) if value else {}
    print(json.dumps({**plan, "refusals": refusals.as_list()}, indent=2, ensure_ascii=False))
    return refusals.code


def dry_run(value: dict[str, Any], refusals: Refusals, capacity: int | None, gpu: str | None) -> dict[str, Any]:
    """What a train input leads to, as far as that is known; the rest is in `refusals`."""
    from trainer.admission.licence import check_licence, licence_warning, read_licence
    from trainer.data.rows import read_rows
    from trainer.stages import needs_text, takes_text
    from worker.models import load_config
    from worker.store import verified

    dataset = refusals.ask(lambda: verified(value["dataset"], "dataset"))
    rows = dataset and refusals.ask(lambda: read_rows(dataset, takes_text(value), needs_text(value)))
    config = refusals.ask(lambda: load_config(value["baseModel"]))
    told: dict[str, Any] = {"baseModel": value["baseModel"], "dataset": value["dataset"]}
    if config is None:
        return told
    refusals.ask(lambda: check_licence(value["baseModel"], value["acceptLicense"]))
    licence = refusals.ask(lambda: read_licence(value["baseModel"]))
    if licence:
        warning = licence_warning(licence)
        told |= {"licence": licence.as_dict(), "warnings": [warning.as_dict()] if warning else []}
    if rows is None:
        return told
    return told | plan_run(value, rows, config, refusals, capacity, gpu)


def plan_run(
    value: dict[str, Any], rows: "Rows", config: Any, refusals: Refusals, capacity: int | None, gpu: str | None
) -> dict[str, Any]:
    """Method, memory, disk, steps, tokens and time."""
    import torch

    from trainer.admission.preflight import check_memory, choose_by_memory, plan_of
    from trainer.admission.start import check_start, known_shape, space_for
    from trainer.admission.vram import estimate
    from trainer.optimization.precision import resolve_precision
    from worker.store import store_root

    if torch.cuda.is_available():
        capacity = capacity or torch.cuda.mem_get_info()[1]
        gpu = gpu or torch.cuda.get_device_name()
    precision = resolve_precision(value["training"]["precision"])
    method = refusals.ask(lambda: choose_by_memory(value, len(rows.train), config, precision, capacity))
    if method is None:
        return {"precision": precision}
    told: dict[str, Any] = {"method": {"name": method.name, "reason": method.reason}, "precision": precision}
    shape = known_shape(config)
    plan = shape and refusals.ask(lambda: plan_of(value, method, shape.layers, precision))
    if plan:
        told["memory"] = {"estimatedBytes": round(estimate(shape, plan)), "capacityBytes": capacity}
        told["disk"] = space_for(value, shape, method, precision).as_dict()
        if capacity is not None:
            refusals.ask(lambda: check_memory(shape, plan, capacity))
    folder = store_root() / "runs" / value["run"]["id"]
    refusals.ask(lambda: check_start(value, config, method, precision, folder))
    return told | plan_steps(value, rows, config, method, precision, refusals, gpu)


def plan_steps(
    value: dict[str, Any],
    rows: "Rows",
    config: Any,
    method: "Method",
    precision: str,
    refusals: Refusals,
    gpu: str | None,
) -> dict[str, Any]:
    from trainer.admission.forecast import forecast
    from trainer.admission.preflight import plan_of
    from trainer.admission.start import known_shape
    from trainer.admission.vram import parameters, trained_parameters
    from trainer.data.course import encode_course
    from trainer.exports.wanted import Wanted, check_wanted
    from trainer.settings import resolve_settings
    from worker.models import load_tokenizer

    training = value["training"]
    loaded = refusals.ask(lambda: load_tokenizer(value["baseModel"], training["chatTemplate"]))
    if loaded is None:
        return {}
    tokenizer, template = loaded
    refusals.ask(lambda: check_wanted(Wanted.of(value), method.name, config, tokenizer))
    # whether the model keeps packed rows apart is tried with its weights
    course = refusals.ask(lambda: encode_course(value, tokenizer, rows, 1, training["packing"]))
    if course is None:
        return {"chatTemplate": template.name}
    fitted = course.fitted
    settings = resolve_settings(value, len(fitted.examples), precision, method, 1, course.draws)
    shape = known_shape(config)
    plan = shape and refusals.ask(lambda: plan_of(value, method, shape.layers, precision))
    sizes = (sum(parameters(shape)), trained_parameters(shape, plan)) if plan else (0, 0)
    ahead = forecast(course.draws, settings, *sizes, gpu if plan else None)
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
