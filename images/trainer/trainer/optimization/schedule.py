"""How the learning rate goes on over the steps. A resumed run has the rate of an undisturbed one at each step."""

from collections.abc import Callable
from typing import Any

import torch
from torch.optim import SGD, Optimizer
from torch.optim.lr_scheduler import LambdaLR
from transformers import get_scheduler

from trainer.optimization.optimizer import Begun
from trainer.robustness.early_stopping import watched_metric
from trainer.settings import Settings
from trainer.stages import Stage, stage_after
from worker.failure import WorkerFailure

PLATEAU = "reduce_on_plateau"
# names in transformers, where they differ
NAMES = {"wsd": "warmup_stable_decay"}
# share of the steps over which the rate falls at the end
WSD_DECAY = 0.1
# looks without progress after which the rate is halved; progress is a fall by this share of the loss
PLATEAU_PATIENCE, PLATEAU_FACTOR, PLATEAU_THRESHOLD, LEAST_FACTOR = 1, 0.5, 1e-3, 0.01

History = list[dict[str, Any]]


def make_schedule(optimizer: Optimizer, settings: Settings, history: Callable[[], History]) -> LambdaLR:
    """The schedule of a run; `history` gives the entries so far, which a rate that follows the loss looks at.

    Each stage has a whole one, from its warmup to its end, that is as high as its own learning rate says.
    """
    shares = [_share_of(stage, settings.scheduler, history) for stage in settings.stages]

    def share(step: int) -> float:
        stage = stage_after(settings.stages, step)
        return stage.learning_rate / settings.learning_rate * shares[stage.index](step - stage.first_step)

    return LambdaLR(optimizer, share)


def _share_of(stage: Stage, name: str, history: Callable[[], History]) -> Callable[[int], float]:
    """The share of the highest rate after so many steps of a stage."""
    if name == PLATEAU:
        return lambda step: warmed(step, stage.warmup_steps) * plateau(_within(stage, history()), step)
    decay = max(1, round(WSD_DECAY * stage.steps))
    schedule = get_scheduler(
        NAMES.get(name, name),
        # one that is never stepped: the function of the schedule is wanted
        SGD([torch.zeros(1)], lr=1.0),
        num_warmup_steps=stage.warmup_steps,
        num_training_steps=stage.steps,
        scheduler_specific_kwargs={"num_decay_steps": decay} if name == "wsd" else None,
    )
    return schedule.lr_lambdas[0]


def _within(stage: Stage, history: History) -> History:
    """Entries from the begin of a stage on, by its own steps."""
    first = stage.first_step
    return [{**entry, "step": entry["step"] - first} for entry in history if entry["step"] >= first]


def scale(schedule: LambdaLR, factor: float) -> None:
    """Multiply all rates from now on, also that of the next step, which a checkpoint may have brought along."""
    if factor == 1.0:
        return
    schedule.lr_lambdas = [lambda step, own=own: factor * own(step) for own in schedule.lr_lambdas]
    set_rates(schedule)


def go_on_with(schedule: LambdaLR, groups: list[Begun]) -> None:
    """Take peak rates and weight decay from this run, and not from another one whose checkpoint it goes on from."""
    # DeepSpeed's is around that which was made here
    schedule = getattr(schedule, "scheduler", schedule)
    schedule.base_lrs = [group.rate for group in groups]
    for known, own in zip(schedule.optimizer.param_groups, groups, strict=True):
        known["initial_lr"], known["weight_decay"] = own
    set_rates(schedule)


def set_rates(schedule: LambdaLR) -> None:
    """Give the next step its rate by the schedule as it is now."""
    for group, peak, share in zip(schedule.optimizer.param_groups, schedule.base_lrs, schedule.lr_lambdas, strict=True):
        group["lr"] = peak * share(schedule.last_epoch)
    schedule._last_lr = [group["lr"] for group in schedule.optimizer.param_groups]


def check_schedule(scheduler: str, is_evaluated: bool) -> None:
    """WorkerFailure `config` for a rate that follows a loss which is not measured."""
    if scheduler == PLATEAU and not is_evaluated:
        raise WorkerFailure(
            "config",
            "NoValidationRows",
            f'training.scheduler "{PLATEAU}" follows the loss on validation rows, and the dataset has none: raise '
            '"split.validation" of the Dataset, or choose another scheduler',
        )


def warmed(step: int, warmup_steps: int) -> float:
    return min(1.0, step / warmup_steps) if warmup_steps else 1.0


def plateau(history: History, step: int) -> float:
    """The share of the peak rate at a step, from the evaluations before it: those known when the rate was set."""
    factor, best, misses = 1.0, float("inf"), 0
    for entry in history:
        if "eval_loss" not in entry or entry["step"] >= step:
            continue
        loss = entry[watched_metric(entry)]
        if loss < best * (1 - PLATEAU_THRESHOLD):
            best, misses = loss, 0
            continue
        misses += 1
        if misses > PLATEAU_PATIENCE:
            factor, misses = max(LEAST_FACTOR, factor * PLATEAU_FACTOR), 0
    return factor
