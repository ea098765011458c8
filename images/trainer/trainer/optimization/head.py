"""What a model says of some positions alone: logits take more memory than all else where a vocabulary is large."""

import inspect
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch.distributed.tensor import DTensor
from torch.nn.functional import cross_entropy
from torch.utils.checkpoint import checkpoint

from trainer.optimization.logit_bytes import LOGIT_BYTES, MOST_LOGIT_BYTES

log = logging.getLogger("trainer")

# whether a head is all that makes the logits of its model, as far as `_adjustment` knows
_tells_all: WeakKeyDictionary[torch.nn.Module, bool] = WeakKeyDictionary()


@dataclass(frozen=True)
class Said:
    """Of n tokens: `losses` of shape (n,) in nats, and whether the model would have said each itself, of shape (n,);
    None where gradients are wanted, which can do without a search over the vocabulary.
    """

    losses: torch.Tensor
    is_hit: torch.Tensor | None


def say(
    model: torch.nn.Module,
    given: dict[str, Any],
    positions: torch.Tensor,
    chosen: torch.Tensor,
    targets: torch.Tensor,
    most_bytes: int = MOST_LOGIT_BYTES,
) -> Said:
    """How likely `targets` of shape (n,) are at the `chosen` of `positions`.

    `positions` of shape (p,) are places in the rows that the head sees, `chosen` of shape (rows, p) has n true ones.
    Logits of no more than about `most_bytes` are there at a time: the others are made again for the backward pass.
    """
    head = _head_of(model)
    vocabulary = _inner(model).get_input_embeddings().weight.shape[0]
    at_a_time = max(1, most_bytes // (vocabulary * LOGIT_BYTES))
    if head is None or len(targets) <= at_a_time or _is_shared(head) or not _tells_all.get(head, True):
        return _score(logits(model, given, positions, chosen), targets)
    parts: list[Said] = []
    adjust = _adjustment(_inner(model).config)

    def in_parts(hidden: torch.Tensor, original: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
        def part(states: torch.Tensor, wanted: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
            said = _score(adjust(original(states)), wanted)
            return said.losses, said.is_hit

        made = partial(checkpoint, part, use_reentrant=False) if torch.is_grad_enabled() else part
        for states, wanted in zip(hidden.split(at_a_time), targets.split(at_a_time), strict=True):
            parts.append(Said(*made(states, wanted)))
        # what the model makes of this one tells whether `adjust` does the same
        return original(hidden[:1])

    first = _with_head(model, head, given, positions, chosen, in_parts)
    if head not in _tells_all:
        theirs = _score(first.detach(), targets[:1]).losses
        _tells_all[head] = torch.allclose(theirs, parts[0].losses[:1].detach(), rtol=1e-3, atol=1e-3)
    if not _tells_all[head]:
        log.warning("the model changes what its head says in a way of its own: its logits are made all at once")
        return _score(logits(model, given, positions, chosen), targets)
    hits = None if parts[0].is_hit is None else torch.cat([part.is_hit for part in parts])
    return Said(torch.cat([part.losses for part in parts]), hits)


def logits(
    model: torch.nn.Module, given: dict[str, Any], positions: torch.Tensor, chosen: torch.Tensor
) -> torch.Tensor:
    """Logits of shape (n, vocabulary) at the n `chosen` of `positions`, and of no other place where that can be had."""
    head = _head_of(model)
    if head is None:
        return model(**_limited(model, given, positions)).logits[:, _shown(model, positions)][chosen]
    return _with_head(model, head, given, positions, chosen, lambda hidden, original: original(hidden))


def _with_head(
    model: torch.nn.Module,
    head: torch.nn.Module,
    given: dict[str, Any],
    positions: torch.Tensor,
    chosen: torch.Tensor,
    use: Callable[[torch.Tensor, Callable[[torch.Tensor], torch.Tensor]], torch.Tensor],
) -> torch.Tensor:
    """What the model makes of what `use` makes of the hidden states of n tokens, of shape (n, width)."""
    original = head.forward
    shown = _shown(model, positions)

    def forward(hidden: torch.Tensor) -> torch.Tensor:
        return use(hidden[:, shown][chosen], original)[None]

    with _replaced(head, forward):
        return model(**_limited(model, given, positions)).logits[0]


@contextmanager
def _replaced(head: torch.nn.Module, forward: Callable[[torch.Tensor], torch.Tensor]) -> Iterator[None]:
    # inside of the model's own forward pass, so that whatever wraps the model sees it
    before = head.__dict__.get("forward")
    head.forward = forward
    try:
        yield
    finally:
        if before is None:
            del head.forward
        else:
            head.forward = before


def _limited(model: torch.nn.Module, given: dict[str, Any], positions: torch.Tensor) -> dict[str, Any]:
    return given | {"logits_to_keep": positions} if takes_positions(model) else given


def _shown(model: torch.nn.Module, positions: torch.Tensor) -> torch.Tensor | slice:
    """Where `positions` are in what the head sees: all of it, where the model leaves out the others itself."""
    return slice(None) if takes_positions(model) else positions


def _score(logits: torch.Tensor, targets: torch.Tensor) -> Said:
    # in fp32 whatever the model computes in: sums over a vocabulary lose too much in 16 bits
    losses = cross_entropy(logits.float(), targets, reduction="none")
    return Said(losses, None if torch.is_grad_enabled() else logits.argmax(-1) == targets)


def _adjustment(config: Any) -> Callable[[torch.Tensor], torch.Tensor]:
    """What the families of models do with the output of their head, by their configuration."""
    text = config.get_text_config()
    if cap := getattr(text, "final_logit_softcapping", None):
        return lambda raw: cap * torch.tanh(raw / cap)
    if divisor := getattr(text, "logits_scaling", None):
        return lambda raw: raw / divisor
    if factor := getattr(text, "logit_scale", None):
        return lambda raw: raw * factor
    return lambda raw: raw


def _head_of(model: torch.nn.Module) -> torch.nn.Module | None:
    """The head whose work can be limited; None of a compiled model, which would be compiled again for it."""
    inner = _unwrapped(model)
    if hasattr(inner, "_orig_mod"):
        return None
    return _inner(model).get_output_embeddings()


def _is_shared(head: torch.nn.Module) -> bool:
    """Whether processes share its weights, which are then whole in the forward pass alone."""
    return any(isinstance(weight, DTensor) or hasattr(weight, "ds_id") for weight in head.parameters())


def _unwrapped(model: torch.nn.Module) -> torch.nn.Module:
    # DistributedDataParallel hides it
    return getattr(model, "module", model)


def _inner(model: torch.nn.Module) -> torch.nn.Module:
    inner = _unwrapped(model)
    inner = getattr(inner, "_orig_mod", inner)
    return inner.get_base_model() if hasattr(inner, "get_base_model") else inner


def takes_positions(model: torch.nn.Module) -> bool:
    """Whether the model can be told for which positions logits are wanted."""
    return "logits_to_keep" in inspect.signature(type(_inner(model)).forward).parameters
