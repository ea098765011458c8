"""The end of a training: the weights that are published, and their figures."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.checkpoints.sealed import newest_valid
from trainer.data.rows import encode_curves
from trainer.methods.trained import trained_share
from trainer.optimization.loop import AnswerTrainer
from trainer.outcome.diagnosis import Warned
from trainer.progress.memory import Memory, read_memory
from trainer.progress.reporting import ReportCallback
from trainer.robustness.early_stopping import EarlyStoppingCallback
from worker.failure import WorkerFailure
from worker.store import CLAIM

if TYPE_CHECKING:
    import torch

    from trainer.recipe import Prepared


@dataclass(frozen=True)
class Outcome:
    """A finished training, which ended at `last_step`; `model` has the weights of `step`, which are to be published.

    `history` has an entry per step and per evaluation, each of some validation rows; `validation` has the figures of
    the published weights on all of them.
    """

    model: "torch.nn.Module"
    step: int
    last_step: int
    history: list[dict[str, Any]]
    validation: dict[str, float]
    tokens_per_second: float | None
    memory: Memory
    checkpoint: Path
    trained: dict[str, Any]
    # of the machine, which decides nothing and so stays out of the artifact
    machine_warning: Warned | None = None
    # what an adapter began with that is still to be made a difference
    first: "dict[str, tuple[torch.Tensor, torch.Tensor]]" = field(default_factory=dict)

    @property
    def metrics(self) -> dict[str, float]:
        """The newest value of each metric at `step`."""
        newest: dict[str, float] = {}
        for entry in self.history:
            if entry["step"] <= self.step:
                newest |= entry
        return newest | self.validation


def finish(
    trainer: AnswerTrainer, stopping: EarlyStoppingCallback | None, report: ReportCallback, prepared: "Prepared"
) -> Outcome:
    """Take up the best weights and measure them on all validation rows, of which the curves had some."""
    ranks = trainer.ranks
    last = ranks.of_main(newest_valid(trainer.checkpoints) if ranks.is_main else None)
    if last is None:
        raise WorkerFailure(
            "export",
            "NoCheckpoint",
            "no checkpoint of the run can be read back from the store: see whether the volume of the claim "
            f'"{CLAIM}" keeps what is written to it, then ask again; checkpoint.keep leaves more of them',
        )
    last_step = step = trainer.state.global_step
    if stopping:
        stopping.restore_best(trainer.model)
        step = stopping.verdict.best_step
    settings = prepared.settings
    everything = encode_curves(prepared.base.tokenizer, prepared.rows, settings.max_length, settings.truncation)
    validation = trainer.measure(everything) if everything else {}
    model = trainer.model
    if prepared.settings.sharing.has_sharded_weights and ranks.is_main:
        model = prepared.whole_model(last)
        if stopping:
            stopping.restore_best(model)
    return Outcome(
        model=model,
        step=step,
        last_step=last_step,
        history=trainer.state.log_history,
        validation=validation,
        tokens_per_second=report.tokens_per_second,
        memory=read_memory(),
        checkpoint=last,
        trained=trained_share(model),
        machine_warning=report.meter.warning,
    )
