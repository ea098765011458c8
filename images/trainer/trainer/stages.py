"""The stages of a run: they follow each other with one model and one adapter, each on its own rows at its own rate.

A run without stages in its spec has one, made of spec.training. A stage is told by the number of the step alone, so a
run that goes on is in the stage in which it was, also at a border.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

PRETRAIN, SFT = "Pretrain", "Sft"
# the whole text of documents moves a model further than answers do
PRETRAIN_LEARNING_RATE = 1e-5


@dataclass(frozen=True)
class Asked:
    """A stage as the input has it, where it is silent as spec.training says. `learning_rate` None: the method's."""

    name: str
    type: str
    max_length: int
    learning_rate: float | None
    epochs: float
    max_steps: int | None
    domain_weight: float | None
    unfreeze: int


@dataclass(frozen=True)
class Stage:
    """A stage with its place in the run: the steps after `first_step`, `steps` of them.

    The validation rows are looked at after each `evaluation_steps` of its own steps, and after its last one.
    """

    index: int
    name: str
    type: str
    max_length: int
    learning_rate: float
    domain_weight: float | None
    unfreeze: int
    first_step: int
    steps: int
    steps_an_epoch: int
    warmup_steps: int
    evaluation_steps: int
    # by maxSteps, and not by epochs
    steps_are_given: bool = False

    @property
    def last_step(self) -> int:
        return self.first_step + self.steps


def asked_stages(value: dict[str, Any]) -> list[Asked]:
    """The stages of a train input in their order."""
    training, stages = value["training"], value["stages"]
    if not stages:
        weight, rate = training["domainWeight"], training["learningRate"]
        alone = (training["maxLength"], rate, training["epochs"], training["maxSteps"], weight, 0)
        return [Asked("", SFT, *alone)]
    return [_asked(stage, training, number) for number, stage in enumerate(stages)]


def _asked(stage: dict[str, Any], training: dict[str, Any], number: int) -> Asked:
    is_text = stage["type"] == PRETRAIN
    rate = PRETRAIN_LEARNING_RATE if is_text else training["learningRate"]
    weight = None if is_text else training["domainWeight"]
    return Asked(
        name=stage["name"] or f"stage-{number}",
        type=stage["type"],
        max_length=stage["maxLength"] or training["maxLength"],
        learning_rate=stage["learningRate"] or rate,
        epochs=stage["epochs"] or training["epochs"],
        max_steps=stage["maxSteps"],
        domain_weight=weight if stage["domainWeight"] is None else stage["domainWeight"],
        unfreeze=stage["unfreeze"] or 0,
    )


def longest(value: dict[str, Any]) -> int:
    """Tokens of the longest row of any stage."""
    return max(stage.max_length for stage in asked_stages(value))


def needs_text(value: dict[str, Any]) -> bool:
    """Whether the run cannot do without the text of the documents."""
    return bool(value["training"]["textWeight"]) or any(stage.type == PRETRAIN for stage in asked_stages(value))


def takes_text(value: dict[str, Any]) -> bool:
    """Whether the run reads the text of the documents where the dataset has it."""
    return needs_text(value) or value["training"]["textWeight"] is None


def unfreezes(value: dict[str, Any]) -> bool:
    return any(stage.unfreeze for stage in asked_stages(value))


def stage_of(stages: Sequence[Stage], step: int) -> Stage:
    """The stage in which a step was done; before the first step it is the first stage."""
    return next((stage for stage in stages if step <= stage.last_step), stages[-1])


def stage_after(stages: Sequence[Stage], step: int) -> Stage:
    """The stage of the step that follows `step`."""
    return stage_of(stages, step + 1)


def is_looked_at(stages: Sequence[Stage], step: int) -> bool:
    """Whether the validation rows are looked at after a step, or at step 0 before the first one."""
    stage = stage_of(stages, step)
    return (step - stage.first_step) % stage.evaluation_steps == 0 or step == stage.last_step


def place_of(stages: Sequence[Stage], step: int) -> dict[str, float]:
    """Epoch of its stage at a step, and the number of the stage where there are several."""
    stage = stage_of(stages, step)
    epoch = {"epoch": round((step - stage.first_step) / stage.steps_an_epoch, 4)}
    return epoch if len(stages) == 1 else {**epoch, "stage": stage.index}


def of_last_stage(stages: Sequence[Stage], history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries of the last stage, with the evaluation before its first step: stages before it had another aim."""
    first = stages[-1].first_step
    return [entry for entry in history if entry["step"] > first or (entry["step"] == first and "eval_loss" in entry)]


def borders(stages: Sequence[Stage]) -> frozenset[int]:
    """The last steps of all stages but the last one."""
    return frozenset(stage.last_step for stage in stages[:-1])
