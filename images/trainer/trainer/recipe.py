"""From a train input to an adapter artifact, in the order in which things can go wrong cheaply."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer.data import Rows, encode_curves, encode_training_rows, read_rows
from trainer.examples import Example, render_mask_preview
from trainer.precision import resolve_precision
from trainer.preflight import check_memory, plan_of
from trainer.run_state import claim_run
from trainer.settings import Settings, resolve_settings
from worker.failure import WorkerFailure
from worker.models import BaseModel, load, load_config
from worker.progress import Reporter
from worker.result import success
from worker.store import run_folder, verified
from worker.termination import Interrupted, Termination


@dataclass(frozen=True)
class Prepared:
    """All that a training needs, loaded and checked. `curves` maps "recall" and "unseen" to validation examples.

    `counts` tells what became of rows that are not trained as they are.
    """

    base: BaseModel
    rows: Rows
    examples: list[Example]
    counts: dict[str, int]
    curves: dict[str, list[Example]]
    settings: Settings


def train(value: dict[str, Any], reporter: Reporter, termination: Termination) -> dict[str, Any]:
    """Train by a valid train input and give the result; WorkerFailure for all that the contract has a code for."""
    dataset = verified(value["dataset"], "dataset")
    rows = read_rows(dataset)
    folder = run_folder(value["run"]["id"])
    reporter.post(0, {"step": 0})
    # only now: importing torch and transformers takes seconds
    from trainer.outcome import publish_outcome, summary
    from trainer.session import run_session, stop_if_asked

    prepared = prepare(value, rows, folder)
    stop_if_asked(termination, folder)
    outcome = run_session(prepared, folder, reporter, termination)
    try:
        # generation and export save nothing and can be done again
        with termination.interruptible():
            artifact = publish_outcome(value, prepared, outcome)
    except Interrupted:
        stop_if_asked(termination, folder)
        raise
    result = success(
        "train-result", "Trained", describe(outcome.step, outcome.last_step), artifact, summary(prepared, outcome)
    )
    reporter.post(100, outcome.metrics)
    return result


def describe(step: int, last_step: int) -> str:
    if step == last_step:
        return f"adapter trained for {step} steps"
    return f"adapter trained for {last_step} steps, those after the best one at step {step} taken back"


def prepare(value: dict[str, Any], rows: Rows, folder: Path) -> Prepared:
    """Load the model and encode the rows."""
    import torch

    precision = resolve_precision(value["training"]["precision"])
    if precision == "fp16" and not torch.cuda.is_available():
        raise WorkerFailure(
            "config", "UnfitPrecision", 'training.precision "fp16" needs a GPU: use "auto", "bf16" or "fp32"'
        )
    if torch.cuda.is_available():
        # a run that cannot fit ends before it has taken minutes of the GPU
        check_memory(load_config(value["baseModel"]), plan_of(value, precision), torch.cuda.mem_get_info()[1])
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    base = load(value["baseModel"], dtype, value["training"]["chatTemplate"])
    claim_run(folder, {"dataset": value["dataset"]["digest"], "baseModel": base.revision, "precision": precision})
    max_length, truncation = value["training"]["maxLength"], value["training"]["truncation"]
    fitted = encode_training_rows(base.tokenizer, rows, max_length, truncation)
    # before the first step, for who looks at a run that fails
    (folder / "mask_preview.txt").write_text(render_mask_preview(base.tokenizer, fitted.examples), "utf-8")
    settings = resolve_settings(value, len(fitted.examples), precision)
    curves = encode_curves(base.tokenizer, rows, max_length, truncation, settings.curve_rows)
    return Prepared(base, rows, fitted.examples, fitted.counts(), curves, settings)
