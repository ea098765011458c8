"""How the learning rate goes on over the steps. A resumed run has the rate of an undisturbed one at each step."""

from collections.abc import Callable
from typing import Any

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR
from transformers import get_scheduler

from trainer.early_stopping import watched_metric
from trainer.settings import Settings
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
    """The schedule of a run; `history` gives the entries so far, which a rate that follows the loss looks at."""
    if settings.scheduler == PLATEAU:
        return LambdaLR(optimizer, lambda step: warmed(step, settings.warmup_steps) * plateau(history(), step))
    decay = max(1, round(WSD_DECAY * settings.total_steps))
    return get_scheduler(
        NAMES.get(settings.scheduler, settings.scheduler),
        optimizer,
        num_warmup_steps=settings.warmup_steps,
        num_training_steps=settings.total_steps,
        scheduler_specific_kwargs={"num_decay_steps": decay} if settings.scheduler == "wsd" else None,
    )


def scale(schedule: LambdaLR, factor: float) -> None:
    """Multiply all rates from now on, also that of the next step, which a checkpoint may have brought along."""
    if factor == 1.0:
        return
    schedule.lr_lambdas = [lambda step, own=own: factor * own(step) for own in schedule.lr_lambdas]
    for group, peak, share in zip(schedule.optimizer.param_groups, schedule.base_lrs, schedule.lr_lambdas, strict=True):
        group["lr"] = peak * share(schedule.last_epoch)
    schedule._last_lr = [group["lr"] for group in schedule.optimizer.param_groups]


def check_schedule(settings: Settings, is_evaluated: bool) -> None:
    """WorkerFailure `config` for a rate that follows a loss which is not measured."""
    if settings.scheduler == PLATEAU and not is_evaluated:
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
