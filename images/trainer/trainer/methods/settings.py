"""The parameters of a method, resolved."""

from dataclasses import dataclass
from typing import Any

from trainer.methods.names import QLORA, learning_rate_of

DEFAULT_QUANTIZATION = {"bits": 4, "doubleQuant": True}


@dataclass(frozen=True)
class Lora:
    """`target_modules` are module names, or the one name "all-linear"; `plus_ratio` is None without LoRA+.

    `last_layers` at the end of the model have an adapter (None: all layers), but none of the first `skipped_layers`.
    """

    rank: int
    alpha: int
    dropout: float
    target_modules: tuple[str, ...]
    is_rank_stabilised: bool
    plus_ratio: float | None = None
    init: str = "default"
    modules_to_save: tuple[str, ...] = ()
    bias: str = "none"
    last_layers: int | None = None
    skipped_layers: int = 0


@dataclass(frozen=True)
class Quantization:
    """How weights of the base model are held."""

    bits: int
    is_double: bool


@dataclass(frozen=True)
class Freeze:
    """`layers` at the bottom are not trained (None: half); one is unfrozen each `unfreeze_steps` (None: never).

    `unfrozen_at` has (step, layers) for those that are unfrozen after a step, where a stage begins.
    """

    layers: int | None
    has_frozen_embeddings: bool
    unfreeze_steps: int | None
    unfrozen_at: tuple[tuple[int, int], ...] = ()

    @property
    def is_unfreezing(self) -> bool:
        return self.unfreeze_steps is not None or bool(self.unfrozen_at)


@dataclass(frozen=True)
class Method:
    """`name` is never "Auto"; `reason` tells why it was chosen where it was not asked for.

    `learning_rate` is the one that suits it where none is given.
    """

    name: str
    reason: str | None
    lora: Lora
    quantization: Quantization | None
    initial_rank: int
    virtual_tokens: int
    freeze: Freeze
    learning_rate: float


def resolve_method(value: dict[str, Any], name: str, reason: str | None = None, width: int | None = None) -> Method:
    """The method `name` with the parameters that a train input has for it, for a model of `width` (None: not known)."""
    lora, frozen = value["lora"], value["freeze"]
    quantization = value["quantization"] or DEFAULT_QUANTIZATION
    return Method(
        name=name,
        reason=reason,
        lora=Lora(
            lora["rank"],
            lora["alpha"],
            lora["dropout"],
            tuple(sorted(set(lora["targetModules"]))),
            lora["rsLoRA"],
            lora["plusRatio"],
            lora["init"],
            tuple(sorted(set(lora["modulesToSave"]))),
            lora["bias"],
            lora["lastLayers"],
            lora["skipLayers"],
        ),
        quantization=Quantization(quantization["bits"], quantization["doubleQuant"]) if name == QLORA else None,
        initial_rank=value["adaLoRA"]["initialRank"] or lora["rank"] + (lora["rank"] + 1) // 2,
        virtual_tokens=value["promptTuning"]["virtualTokens"],
        freeze=Freeze(frozen["layers"], frozen["embeddings"], frozen["unfreezeEverySteps"]),
        learning_rate=learning_rate_of(name, width),
    )
