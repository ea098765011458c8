"""How many tokens a run trains and how long that may take, before anything is measured."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from trainer.admission.preflight import plan_of_settings
from trainer.admission.vram import Plan, Shape, parameters, trained_parameters, unreached_parameters
from trainer.data.plan import Draw, plan_batches
from trainer.methods.layers import steps_by_frozen
from trainer.methods.names import FREEZE
from trainer.progress.flops import operations_a_token, peak_of
from trainer.settings import Settings
from trainer.stages import Stage

# share of the arithmetic of a GPU that a training reaches; small models wait for the launch of each kernel
USE_OF_LARGE, USE_OF_SMALL = 0.4, 0.22
SMALL_PARAMETERS = 2e9


@dataclass(frozen=True)
class Sizes:
    """Parameters of a model, how many of them are stepped, and how many no backward pass reaches, in a mean step."""

    parameters: float = 0
    trained: float = 0
    unreached: float = 0

    @classmethod
    def of(cls, shape: Shape, settings: Settings, *, has_new_tokens: bool = False) -> "Sizes":
        """Those of a run, which may train the embeddings of new tokens. WorkerFailure `config` as its plans have it."""
        plans = plans_of(shape, settings, has_new_tokens)
        return cls(
            sum(parameters(shape)),
            sum(share * trained_parameters(shape, plan) for plan, share in plans),
            sum(share * unreached_parameters(shape, plan) for plan, share in plans),
        )


def plans_of(shape: Shape, settings: Settings, has_new_tokens: bool) -> list[tuple[Plan, float]]:
    """What is trained, each with its share of the steps: one plan for each number of layers that are frozen."""
    method = settings.method
    if method.name != FREEZE:
        return [(plan_of_settings(settings, shape, has_new_tokens=has_new_tokens), 1.0)]
    found = []
    for layers, steps in steps_by_frozen(settings.total_steps, shape.layers, method.freeze).items():
        freeze = replace(method.freeze, layers=layers, unfreeze_steps=None, unfrozen_at=())
        meanwhile = replace(settings, method=replace(method, freeze=freeze))
        plan = plan_of_settings(meanwhile, shape, has_new_tokens=has_new_tokens)
        found.append((plan, steps / settings.total_steps))
    return found


@dataclass(frozen=True)
class Forecast:
    """Of all stages; an epoch is one of the last of them.

    `seconds` is None where the arithmetic of the device is not known: on CPUs the first steps tell.
    """

    steps: int
    steps_an_epoch: int
    epoch_tokens: int
    tokens: int
    seconds: float | None


def forecast(draws: Sequence[Draw], settings: Settings, sizes: Sizes, device: str | None) -> Forecast:
    """For a model of these sizes on a GPU of the name `device`."""
    total = sum(tokens_of(draw, stage.steps) for draw, stage in zip(draws, settings.stages, strict=True))
    return Forecast(
        steps=settings.total_steps,
        steps_an_epoch=settings.last_stage.steps_an_epoch,
        epoch_tokens=epoch_tokens(draws[-1], settings.last_stage),
        tokens=total,
        seconds=seconds_of(total, sizes, settings, device),
    )


def epoch_tokens(draw: Draw, stage: Stage) -> int:
    """Tokens of the rows of one epoch of a stage, without padding."""
    return tokens_of(draw, stage.steps_an_epoch)


def tokens_of(draw: Draw, steps: int) -> int:
    return sum(draw.lengths[row] for step in plan_batches(draw, steps) for line in step for row in line)


def seconds_of(tokens: int, sizes: Sizes, settings: Settings, device: str | None) -> float | None:
    peak = peak_of(device or "")
    if peak is None:
        return None
    use = USE_OF_SMALL if sizes.parameters < SMALL_PARAMETERS else USE_OF_LARGE
    operations = operations_a_token(
        sizes.parameters, sizes.trained, settings.is_gradient_checkpointing, sizes.unreached
    )
    return float(f"{tokens * operations / (peak * use * settings.world_size):.3g}")
