"""Whether a run fits its accelerator, asked before any weight is loaded."""

import dataclasses
import math
from typing import Any

from trainer.admission.room import Room, check_memory, does_fit, is_quantizable, rooms_of
from trainer.admission.vram import OPTIMIZERS, Plan, Shape, known_shape
from trainer.distributed.strategies import Sharing, choose, is_shareable
from trainer.methods.choose import choose_method
from trainer.methods.layers import frozen_layers
from trainer.methods.lora import adapted_layers
from trainer.methods.names import ADALORA, AUTO, FREEZE, QLORA, RANKED, WHOLE
from trainer.methods.settings import Lora, Method, resolve_method
from trainer.optimization.logit_bytes import MOST_LOGIT_BYTES
from trainer.optimization.replay import MOST_TOKENS
from trainer.settings import Settings
from trainer.stages import longest, unfreezes

# modules with a vector for each token, as most models name them
OUTPUT_TABLE = "lm_head"
TABLES = frozenset({"embed_tokens", OUTPUT_TABLE})


def plan_of(value: dict[str, Any], method: Method, layers: int, precision: str) -> Plan:
    """What the memory of a train input depends on, for a model of `layers` layers.

    All linear modules of a layer that has an adapter are assumed to get one, which errs upwards.

    WorkerFailure `config` for a model with too few layers.
    """
    training = value["training"]
    sizes = (longest(value), training["perDeviceBatchSize"])
    is_unfreezing = method.freeze.is_unfreezing or unfreezes(value)
    plan = plan_with(method, is_unfreezing, layers, precision, *sizes, training["gradientCheckpointing"] is not False)
    if may_train_embeddings(value):
        plan = dataclasses.replace(plan, unreached_layers=0)
    return with_extras(plan, training["optimizer"], training["attention"], training["replay"])


def may_train_embeddings(value: dict[str, Any]) -> bool:
    """Whether embeddings are trained beside the method: of tokens that "chatml" may add, or of new positions."""
    return value["training"]["chatTemplate"] == "chatml" or bool(value["context"]["positions"])


def plan_of_settings(settings: Settings, shape: Shape, *, has_new_tokens: bool = False) -> Plan:
    """That of a run whose settings are resolved, or adapted; whether it trains the embeddings of new tokens."""
    sizes = (settings.max_length, settings.batch_size)
    method = settings.method
    is_unfreezing = method.freeze.is_unfreezing
    checkpointed = settings.is_gradient_checkpointing
    plan = plan_with(method, is_unfreezing, shape.layers, settings.precision, *sizes, checkpointed)
    if has_new_tokens:
        plan = dataclasses.replace(plan, unreached_layers=0)
    return with_extras(plan, settings.machinery.optimizer, settings.machinery.attention, settings.replay)


def with_extras(plan: Plan, optimizer: str, attention: str, replay: float) -> Plan:
    """With what the spec says beside the method: the optimizer, plain attention, general rows beside each batch."""
    return dataclasses.replace(
        plan,
        optimizer=OPTIMIZERS[optimizer],
        has_eager_attention=attention == "Eager",
        replayed=math.ceil(plan.batch * replay),
        replayed_length=min(MOST_TOKENS, plan.length),
    )


def plan_with(
    method: Method, is_unfreezing: bool, layers: int, precision: str, length: int, batch: int, is_checkpointed: bool
) -> Plan:
    frozen = method.freeze
    is_whole, is_freeze = method.name in WHOLE, method.name == FREEZE
    quantization = method.quantization
    # those that are unfrozen in the course of the run are trained in the end
    frozen_at_the_bottom = frozen_layers(layers, frozen) if is_freeze and not is_unfreezing else 0
    adapted = adapted_layers(layers, method.lora) if method.name in RANKED else None
    unreached = lowest_reached(method.lora, adapted)
    if is_freeze and frozen.has_frozen_embeddings:
        unreached = frozen_at_the_bottom
    return Plan(
        method="full" if is_whole else "qlora" if quantization else "lora",
        length=length,
        batch=batch,
        rank=method.initial_rank if method.name == ADALORA else method.lora.rank,
        is_checkpointed=is_checkpointed,
        bits=quantization.bits if quantization else 4,
        is_double_quant=quantization is not None and quantization.is_double,
        frozen_layers=frozen_at_the_bottom,
        has_frozen_embeddings=is_freeze and frozen.has_frozen_embeddings,
        adapted_layers=None if adapted is None else len(adapted),
        tables=len(TABLES.intersection(method.lora.modules_to_save)) if method.name in RANKED else 0,
        unreached_layers=unreached,
        # weights that are trained have full precision: steps of their size vanish in 8 bits
        weight_bytes=2 if precision == "bf16" and not is_whole else 4,
        most_logit_bytes=MOST_LOGIT_BYTES,
    )


def lowest_reached(lora: Lora, adapted: list[int] | None) -> int:
    """The lowest layer that gradients of an adapter on the layers `adapted` reach; 0 where that is not known."""
    if adapted is None or lora.bias == "all" or set(lora.modules_to_save) - {OUTPUT_TABLE}:
        return 0
    return adapted[0]


def choose_by_memory(
    value: dict[str, Any],
    rows: int,
    config: Any,
    precision: str,
    capacity: float | None,
    gpus: int = 1,
    *,
    has_new_tokens: bool = False,
) -> Method:
    """The method of a train input for `rows` rows, and for `gpus` accelerators of `capacity` bytes if there are any.

    `has_new_tokens`: whether the chat template adds tokens, whose embeddings are to be trained.

    A method fits by a way of sharing the model that it takes, or not at all; where the sizes of the model are not
    known, that is not asked.
    """
    shape = known_shape(config)

    def fits(name: str) -> bool:
        plan = plan_of(value, resolve_method(value, name), shape.layers, precision)
        return any(does_fit(shape, plan, room) for room in rooms_of(value, name, capacity, gpus))

    width = getattr(config.get_text_config(), "hidden_size", None)
    if value["method"] != AUTO:
        return resolve_method(value, value["method"], width=width)
    is_quantized, is_known = value["quantization"] is not None, shape is not None and capacity is not None
    excluded = excluded_by(value, gpus, has_new_tokens)
    chosen = choose_method(rows, is_quantized, fits if is_known else None, excluded)
    return resolve_method(value, chosen.name, chosen.reason, width)


def excluded_by(value: dict[str, Any], processes: int, has_new_tokens: bool) -> dict[str, str]:
    """Methods that a train input would be refused with, each with what it does not go with."""
    excluded = {}
    if processes > 1 and not is_quantizable(value["distributed"]["strategy"]):
        excluded[QLORA] = "distributed.strategy"
    if processes > 1 and value["freeze"]["unfreezeEverySteps"] is not None:
        excluded[FREEZE] = "freeze.unfreezeEverySteps in several processes"
    if has_new_tokens:
        excluded[FREEZE] = "the tokens that training.chatTemplate adds"
    if value["initAdapter"] is not None or value["training"]["replay"]:
        excluded |= dict.fromkeys(WHOLE, "replay or initAdapterFrom")
    return excluded


def with_checkpointing(
    value: dict[str, Any], config: Any, method: Method, precision: str, capacity: float | None, gpus: int = 1
) -> dict[str, Any]:
    """The input with the choice of gradient checkpointing made: only where the run would not fit without it.

    A copy of the model on each GPU goes before a shared one without checkpointing. Where the sizes of the model are not
    known, it is left to what a run does when memory runs out.
    """
    training = value["training"]
    if training["gradientCheckpointing"] is not None:
        return value
    choices = [{**value, "training": {**training, "gradientCheckpointing": is_on}} for is_on in (False, True)]
    shape = known_shape(config)
    if shape is None or capacity is None:
        return choices[0]
    plans = [plan_of(choice, method, shape.layers, precision) for choice in choices]
    rooms = rooms_of(value, method.name, capacity, gpus)
    tried = ((choice, plan, room) for room in rooms for choice, plan in zip(choices, plans, strict=True))
    return next((choice for choice, plan, room in tried if does_fit(shape, plan, room)), choices[1])


def resolve_sharing(
    value: dict[str, Any], config: Any, method: Method, precision: str, capacity: int | None, processes: int
) -> Sharing:
    """How the processes share the model, on devices of `capacity` bytes each."""
    shape = known_shape(config)
    if shape is None or capacity is None:
        return choose(value, processes, None, has_gpu=capacity is not None)
    plan = plan_of(value, method, shape.layers, precision)
    return choose(value, processes, does_fit(shape, plan, Room(capacity)), is_shareable(value, method.name))


def check_room(value: dict[str, Any], config: Any, method: Method, precision: str, room: Room) -> None:
    """WorkerFailure `config` when a run cannot fit its GPUs, before it has taken a minute."""
    shape = known_shape(config)
    if shape:
        check_memory(shape, plan_of(value, method, shape.layers, precision), room, method)
