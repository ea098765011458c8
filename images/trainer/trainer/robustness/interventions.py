"""What had to be changed while a run was under way, and the settings that follow: kept for all attempts to come."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from trainer.robustness.watchdog import LEARNING_RATE_FACTOR
from trainer.settings import Settings

FILE = "interventions.json"

Kind = Literal["MicroBatch", "GradientCheckpointing", "RollBack"]


@dataclass(frozen=True)
class Intervention:
    """`step` is the last whole step before it, `cause` the error or trouble that made it necessary."""

    kind: Kind
    step: int
    cause: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def load_interventions(folder: Path) -> list[Intervention]:
    file = folder / FILE
    return [Intervention(**entry) for entry in json.loads(file.read_text("utf-8"))] if file.is_file() else []


def save_interventions(folder: Path, done: list[Intervention]) -> None:
    """Whole or not at all: a kill in between must not leave half a file.

    Each attempt adds one, whichever of its processes comes first; what it did without was the same for all of them.
    """
    if len(load_interventions(folder)) >= len(done):
        return
    # several processes may run out of memory at once
    temporary = folder / f"{FILE}.{secrets.token_hex(4)}.tmp"
    with temporary.open("w", encoding="utf-8") as file:
        json.dump([each.as_dict() for each in done], file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / FILE)


def adapt_settings(settings: Settings, done: list[Intervention]) -> Settings:
    """The settings of the next attempt. A step is made of the same rows as before."""
    for each in done:
        match each.kind:
            case "MicroBatch":
                smaller = largest_divisor(settings.batch_size)
                accumulation = settings.accumulation * settings.batch_size // smaller
                settings = replace(settings, batch_size=smaller, accumulation=accumulation)
            case "GradientCheckpointing":
                settings = replace(settings, is_gradient_checkpointing=True)
            case "RollBack":
                scale = settings.learning_rate_scale * LEARNING_RATE_FACTOR
                settings = replace(settings, learning_rate_scale=scale)
    return settings


def largest_divisor(number: int) -> int:
    """The largest divisor below it: batches of so many rows make up the same step."""
    return next(each for each in range(number // 2, 0, -1) if number % each == 0)


def count(done: list[Intervention], kind: Kind) -> int:
    return sum(each.kind == kind for each in done)


def figures(done: list[Intervention], settings: Settings | None = None) -> dict[str, float]:
    """What the operator is told of them while the run goes on; `settings` are those that followed, once known."""
    rungs, returns = ([each for each in done if (each.kind == "RollBack") is wanted] for wanted in (False, True))
    found: dict[str, float] = {}
    if rungs:
        found["memory_adaptations"] = len(rungs)
        if settings:
            found |= {
                "adapted_batch_size": settings.batch_size,
                "adapted_accumulation": settings.accumulation,
                "adapted_checkpointing": int(settings.is_gradient_checkpointing),
            }
    if returns:
        found |= {"rollbacks": len(returns), "rollback_step": returns[-1].step}
    return found
