"""Warnings about a run that came to a good end all the same, with their remedies, from its course alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from trainer.outcome.curve import points, smoothed
from trainer.robustness.interventions import Intervention
from trainer.settings import Settings

# below these an optimizer has seen too little for its figures to mean anything
LEAST_STEPS, LEAST_STEPS_AN_EPOCH = 100, 50
# a loss that turns so often, each time by such a share of its level, is not on its way anywhere
LEAST_SWINGS = 4
# validation takes the same rows each time; batches differ, and a mean of ten of them still does
EVALUATION_SWING, TRAINING_SWING = 0.05, 0.25
# all warnings of a run must fit the termination message together with its summary
MOST_WARNINGS, LONGEST_MESSAGE = 8, 200


@dataclass(frozen=True)
class Warned:
    """`reason` is CamelCase and becomes that of a condition; `message` names the fields that help."""

    reason: str
    message: str

    def as_dict(self) -> dict[str, str]:
        return {"reason": self.reason, "message": self.message[:LONGEST_MESSAGE]}


@dataclass(frozen=True)
class Steps:
    """How a run comes to its number of steps. `are_given`: by maxSteps in all stages, and not by epochs."""

    total: int
    epochs: float
    are_given: bool = False
    batch_size: int = 4
    accumulation: int = 2

    @classmethod
    def of(cls, settings: Settings) -> "Steps":
        are_given = all(stage.steps_are_given for stage in settings.stages)
        return cls(settings.total_steps, settings.epochs, are_given, settings.batch_size, settings.accumulation)

    @property
    def an_epoch(self) -> int:
        return int(self.total / self.epochs)


def diagnose(history: list[dict[str, Any]], steps: Steps) -> list[Warned]:
    """Warnings about a run of so many steps, with its history of an entry per step and evaluation."""
    found = [too_few_steps(steps), loss_oscillation(history)]
    return [warned for warned in found if warned]


def diagnose_interventions(done: Sequence[Intervention], settings: Settings) -> list[Warned]:
    """Warnings about what had to be changed while the run was under way; `settings` are those of its end."""
    found = []
    rungs = [each for each in done if each.kind != "RollBack"]
    if rungs:
        found.append(
            Warned(
                "MemoryAdapted",
                f"memory ran out {len(rungs)} times, first after step {rungs[0].step}: set perDeviceBatchSize to "
                f"{settings.batch_size}, gradientAccumulationSteps to {settings.accumulation}, gradientCheckpointing "
                f"to {str(settings.is_gradient_checkpointing).lower()}",
            )
        )
    returns = [each for each in done if each.kind == "RollBack"]
    if returns:
        found.append(
            Warned(
                "RolledBack",
                f"the run went back to step {returns[-1].step} with half the learning rate ({returns[-1].cause}): "
                "lower training.learningRate, or look at the rows that the log names",
            )
        )
    return found


def too_few_steps(steps: Steps) -> Warned | None:
    if steps.total >= LEAST_STEPS and steps.an_epoch >= LEAST_STEPS_AN_EPOCH:
        return None
    return Warned(
        "TooFewSteps",
        f"{steps.total} steps, {steps.an_epoch} an epoch: under {LEAST_STEPS}, or {LEAST_STEPS_AN_EPOCH} an epoch, "
        f"little is learnt: {more_steps(steps)}",
    )


def more_steps(steps: Steps) -> str:
    """What makes more steps of such a run: rows and smaller steps change nothing where maxSteps says how many."""
    has_short_epochs = steps.an_epoch < LEAST_STEPS_AN_EPOCH
    batch = {"gradientAccumulationSteps": steps.accumulation, "perDeviceBatchSize": steps.batch_size}
    smaller = " or ".join(field for field, number in batch.items() if number > 1)
    of_rows = "make more rows" + (f", or lower training.{smaller}" if smaller else "")
    if steps.are_given and steps.total < LEAST_STEPS:
        return "raise maxSteps" + (f", and {of_rows}" if has_short_epochs else "")
    # more passes over few rows would be learnt by heart
    return of_rows if has_short_epochs else f"raise epochs, {of_rows}"


def loss_oscillation(history: list[dict[str, Any]]) -> Warned | None:
    evaluated = [value for _, value in points(history, "eval_loss")]
    trained = [value for _, value in smoothed(points(history, "loss"))]
    for values, share, name in (
        (evaluated, EVALUATION_SWING, "validation"),
        (trained, TRAINING_SWING, "training"),
    ):
        number = swings(values, share)
        if number >= LEAST_SWINGS:
            return Warned(
                "LossOscillation",
                f"the {name} loss turned {number} times by more than {share:.0%}: lower training.learningRate, or "
                "raise training.gradientAccumulationSteps or training.warmup",
            )
    return None


def swings(values: list[float], share: float) -> int:
    """How often the values turn, counting only moves of at least `share` of the level from the last turn."""
    number, direction = 0, 0
    turn = values[0] if values else 0.0
    for value in values:
        is_further = direction * (value - turn) > 0
        move = value - turn
        if is_further or direction == 0 and abs(move) < share * abs(turn):
            turn = value if is_further else turn
        elif abs(move) >= share * abs(turn):
            number += direction != 0
            direction = 1 if move > 0 else -1
            turn = value
    return number
