"""The parameters of a run, with everything that depends on the data resolved to a number."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from trainer.data.plan import Draw, batches_of
from trainer.distributed.strategies import Sharing
from trainer.methods.settings import Lora, Method
from trainer.optimization.machinery import Machinery
from trainer.robustness.watchdog import Limits
from trainer.stages import Stage, asked_stages, longest

# early stopping, the verdict on overfitting and the curve look at the points of one stage, and need so many
EVALUATIONS_A_STAGE = 10
# a warmup takes at most one step of so many
STEPS_A_WARMUP_STEP = 10
# rows a curve: so many are enough to see a trend, and more would cost more than a tenth of the training
LEAST_CURVE_ROWS, MOST_CURVE_ROWS = 8, 64
TRAINED_ROWS_A_CURVE_ROW = 5


@dataclass(frozen=True)
class EarlyStopping:
    """Stop after `patience` evaluations in a row whose loss is not at least `min_delta` below the best."""

    patience: int
    min_delta: float


@dataclass(frozen=True)
class Settings:
    """`*_steps` count optimizer steps; `curve_rows` are the rows that an evaluation takes for each curve at the most.

    `learning_rate` is the highest of all stages, `max_length` that of the longest rows. `batch_size` and `accumulation`
    are those of one process of `world_size`. `precision` is bf16, fp16 or fp32, never auto. `replay` is the number of
    general rows for each row, `text_weight` the share of running text in the trained tokens about the documents.
    `learning_rate_scale` is below 1 after a return to a checkpoint.
    """

    total_steps: int
    stages: tuple[Stage, ...]
    curve_rows: int
    checkpoint_steps: int
    checkpoints_kept: int
    logging_steps: int
    batch_size: int
    accumulation: int
    world_size: int
    learning_rate: float
    scheduler: str
    weight_decay: float
    max_gradient_norm: float
    max_length: int
    is_packed: bool
    truncation: str
    precision: str
    is_gradient_checkpointing: bool
    seed: int
    neftune_alpha: float | None
    dropout: float | None
    replay: float
    skip_known: float | None
    text_weight: float
    method: Method
    early_stopping: EarlyStopping | None
    is_memory_adapted: bool
    watchdog: Limits
    stall_seconds: int
    learning_rate_scale: float = 1.0
    sharing: Sharing = Sharing()
    machinery: Machinery = Machinery()
    is_attention_probed: bool = False

    @property
    def rows_a_step(self) -> int:
        """Rows that an optimizer step sees, over all processes."""
        return self.batch_size * self.accumulation * self.world_size

    @property
    def warmup_steps(self) -> int:
        """Of the first stage."""
        return self.stages[0].warmup_steps

    @property
    def evaluation_steps(self) -> int:
        """Of the last stage, by whose looks early stopping judges."""
        return self.last_stage.evaluation_steps

    @property
    def last_stage(self) -> Stage:
        return self.stages[-1]

    @property
    def epochs(self) -> float:
        return sum(stage.steps / stage.steps_an_epoch for stage in self.stages)

    @property
    def lora(self) -> Lora:
        return self.method.lora

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def rows_a_step(training: dict[str, Any], world_size: int) -> int:
    """Rows that an optimizer step of so many processes sees."""
    return training["perDeviceBatchSize"] * training["gradientAccumulationSteps"] * world_size


def resolve_stages(
    value: dict[str, Any], examples: int, method: Method, world_size: int, draws: Sequence[Draw] | None
) -> tuple[Stage, ...]:
    """The stages of an input with their steps, one after the other."""
    training, stages = value["training"], []
    is_stopped_early = value["earlyStopping"] is not None
    for index, asked in enumerate(asked_stages(value)):
        draw = draws[index] if draws else None
        an_epoch = batches_of(draw, 1) if draw else math.ceil(examples / rows_a_step(training, world_size))
        given = batches_of(draw, asked.epochs) if draw else math.ceil(asked.epochs * an_epoch)
        steps = asked.max_steps or max(1, given)
        stages.append(
            Stage(
                index=index,
                name=asked.name,
                type=asked.type,
                max_length=asked.max_length,
                learning_rate=asked.learning_rate or method.learning_rate,
                domain_weight=asked.domain_weight,
                unfreeze=asked.unfreeze,
                first_step=stages[-1].last_step if stages else 0,
                steps=steps,
                steps_an_epoch=an_epoch,
                warmup_steps=warmup_steps(training, steps),
                evaluation_steps=evaluation_interval(training["evalSteps"], steps, is_stopped_early),
                steps_are_given=asked.max_steps is not None,
            )
        )
    return tuple(stages)


def resolve_settings(
    value: dict[str, Any],
    examples: int,
    precision: str,
    method: Method,
    world_size: int = 1,
    draws: Sequence[Draw] | None = None,
) -> Settings:
    """Settings of a train input for a training set of `examples` rows, of which `draws` make the steps of each stage.

    Without them each row comes once an epoch, and is not packed.
    """
    training, stopping, watchdog = (value[name] for name in ("training", "earlyStopping", "watchdog"))
    stages = resolve_stages(value, examples, method, world_size, draws)
    total = stages[-1].last_step
    batch_size, accumulation = training["perDeviceBatchSize"], training["gradientAccumulationSteps"]
    between_looks = total / sum(stage.steps / stage.evaluation_steps for stage in stages)
    affordable = round(between_looks) * rows_a_step(training, world_size) // TRAINED_ROWS_A_CURVE_ROW
    return Settings(
        total_steps=total,
        stages=stages,
        curve_rows=min(MOST_CURVE_ROWS, max(LEAST_CURVE_ROWS, affordable)),
        checkpoint_steps=value["checkpoint"]["everySteps"] or max(1, total // 10),
        checkpoints_kept=value["checkpoint"]["keep"],
        logging_steps=training["loggingSteps"],
        batch_size=batch_size,
        accumulation=accumulation,
        world_size=world_size,
        learning_rate=max(stage.learning_rate for stage in stages),
        scheduler=training["scheduler"],
        weight_decay=training["weightDecay"],
        max_gradient_norm=training["maxGradNorm"],
        max_length=longest(value),
        is_packed=draws is not None and draws[0].capacity is not None,
        truncation=training["truncation"],
        precision=precision,
        is_gradient_checkpointing=bool(training["gradientCheckpointing"]),
        seed=training["seed"],
        neftune_alpha=training["neftuneAlpha"],
        dropout=training["dropout"],
        replay=training["replay"],
        skip_known=training["skipKnown"],
        text_weight=draws[-1].weights.text if draws else 0.0,
        method=with_stages(method, stages),
        early_stopping=EarlyStopping(stopping["patience"], stopping["minDelta"]) if stopping else None,
        is_memory_adapted=value["outOfMemory"]["policy"] == "Adapt",
        watchdog=Limits(watchdog["nonFinite"] == "Rollback", watchdog["lossSpikeFactor"], watchdog["maxGradNorm"]),
        stall_seconds=watchdog["stallSeconds"],
        machinery=Machinery.of(training, total),
        is_attention_probed=training["attentionProbe"],
    )


def warmup_steps(training: dict[str, Any], steps: int) -> int:
    """Steps of a stage that warm up: at most a tenth of them, however many are asked for."""
    asked = training["warmupSteps"]
    return min(round(training["warmup"] * steps) if asked is None else asked, steps // STEPS_A_WARMUP_STEP)


def evaluation_interval(asked: int | None, steps: int, is_stopped_early: bool) -> int:
    """Steps of a stage between two looks: early stopping cannot judge by fewer than ten, however few are asked for."""
    most = max(1, steps // EVALUATIONS_A_STAGE)
    if asked is None:
        return most
    return min(asked, most) if is_stopped_early else asked


def with_stages(method: Method, stages: Sequence[Stage]) -> Method:
    """The method with the layers that stages unfreeze when they begin."""
    unfrozen = tuple((stage.first_step, stage.unfreeze) for stage in stages if stage.unfreeze)
    return replace(method, freeze=replace(method.freeze, unfrozen_at=unfrozen)) if unfrozen else method
