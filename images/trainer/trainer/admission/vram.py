"""How much accelerator memory a training needs, from the shape of its model, before any weight is loaded.

The sums follow what a step keeps: weights, adapter, optimizer, gradients, activations, logits and the CUDA context.
Bytes throughout; a gigabyte is 1e9 bytes, as in the published tables.
"""

from dataclasses import astuple, dataclass
from typing import Any, Literal

from trainer.distributed.strategies import SHARED_PARTS, Sharing
from trainer.optimization.logit_bytes import LOGIT_BYTES

# "lora" stands for all adapters: those of other methods are smaller
Method = Literal["lora", "qlora", "full"]
Optimizer = Literal["adamw_8bit", "adamw", "paged_adamw", "adafactor", "sgd"]

# per trained parameter; Adafactor keeps rows and columns of a matrix alone, and works on a copy of one matrix
OPTIMIZER_BYTES: dict[str, int] = {"adamw_8bit": 4, "adamw": 6, "paged_adamw": 8, "adafactor": 1, "sgd": 4}
# by their names in the spec; pages may go to the host, but a step that waits for it is none to count on
OPTIMIZERS: dict[str, Optimizer] = {
    "AdamW": "adamw",
    "AdamW8bit": "adamw_8bit",
    "PagedAdamW8bit": "adamw_8bit",
    "Adafactor": "adafactor",
    "SGD": "sgd",
}
HALF = 2
# 4-bit weights with their scales; double quantisation makes it 3.6
FOUR_BIT_SHRINK = 3.2
DOUBLE_QUANT_SHRINK = 3.6
# a byte and its share of the scale of its row
EIGHT_BIT_BYTES = 1.01
CUDA_CONTEXT = 1.4e9
# activations of a layer beyond those that the formula names
ACTIVATION_SLACK = 1.25
# gradients and buffers are never below this share of the weights
LEAST_WORKING_SHARE = 0.15
# what admission adds, since fragmentation and kernels differ
SAFETY = 1.15
# a further GPU does not take all of its part from the first one
EXTRA_GPU_SHARE = 0.85
# scores of all heads, forward and backward, without flash or SDPA
EAGER_SCORES_BYTES = 2 * 12
# layers whose activations full tuning keeps with checkpointing
FULL_LAYERS_KEPT = 2.0


@dataclass(frozen=True)
class Shape:
    """Sizes of a decoder: `kv` is the width of keys, `is_tied` whether head and embedding share their weights.

    `is_gated`: whether the MLP has a gate beside its first layer.
    """

    hidden: int
    kv: int
    mlp: int
    layers: int
    vocabulary: int
    heads: int
    is_tied: bool
    is_gated: bool = True


@dataclass(frozen=True)
class Plan:
    """What is trained: `length` tokens a row, `batch` rows at a time."""

    method: Method
    length: int
    batch: int
    rank: int = 16
    optimizer: Optimizer = "adamw"
    is_checkpointed: bool = True
    is_double_quant: bool = True
    # of the logits that are there at a time: 0 for a fused loss, infinite where all are made at once
    most_logit_bytes: float = 0
    has_eager_attention: bool = False
    bits: int = 4
    # of full tuning: layers at the bottom that are not trained, and whether embeddings are
    frozen_layers: int = 0
    has_frozen_embeddings: bool = False
    # of an adapter: layers that have one (None: all), and tables as large as the embedding that are trained beside it
    adapted_layers: int | None = None
    tables: int = 0
    # at the bottom, which nothing is computed backwards through
    unreached_layers: int = 0
    # of a weight that is not quantised: 2 for bf16, 4 where half precision is only computed in
    weight_bytes: int = HALF
    # general rows beside those of a batch, and tokens of each: the base model answers them too, with all of its logits
    replayed: int = 0
    replayed_length: int = 0


def shape_of(config: Any) -> Shape:
    """The shape that a transformers configuration tells; AttributeError for one whose sizes have other names."""
    text = config.get_text_config()
    heads = text.num_attention_heads
    width = getattr(text, "head_dim", None) or text.hidden_size // heads
    # a gate goes with this name; OPT has `ffn_dim`, GPT-2 `n_inner`, which may be left out, and neither has a gate
    gated = getattr(text, "intermediate_size", None)
    plain = getattr(text, "ffn_dim", None) or getattr(text, "n_inner", None) or 4 * text.hidden_size
    return Shape(
        hidden=text.hidden_size,
        kv=width * (getattr(text, "num_key_value_heads", None) or heads),
        mlp=gated or plain,
        layers=text.num_hidden_layers,
        vocabulary=text.vocab_size,
        heads=heads,
        is_tied=bool(getattr(text, "tie_word_embeddings", False)),
        is_gated=gated is not None,
    )


def known_shape(config: Any) -> Shape | None:
    """None where sizes have other names, or differ from layer to layer: what follows from them is not asked then."""
    try:
        shape = shape_of(config)
    except (AttributeError, TypeError):
        return None
    return shape if all(isinstance(size, int) for size in astuple(shape)) else None


def projections(shape: Shape) -> list[tuple[int, int]]:
    """(inputs, outputs) of the linear layers of one block: query, key, value, output, gate (if any), up, down."""
    hidden, kv, mlp = shape.hidden, shape.kv, shape.mlp
    attention = [(hidden, hidden), (hidden, kv), (hidden, kv), (hidden, hidden)]
    return attention + [(hidden, mlp)] * (2 if shape.is_gated else 1) + [(mlp, hidden)]


def parameters(shape: Shape) -> tuple[int, int]:
    """(quantisable, other) parameters: linear layers, and norms with embedding and head."""
    linear = shape.layers * sum(inputs * outputs for inputs, outputs in projections(shape))
    other = 2 * shape.hidden * shape.layers + shape.vocabulary * shape.hidden * (1 if shape.is_tied else 2)
    return linear, other


def estimate(shape: Shape, plan: Plan, sharing: Sharing = Sharing(), gpus: int = 1) -> float:
    """Peak bytes on each of `gpus` devices, whose processes share the model in this way."""
    state = state_bytes(shape, plan)
    shared = SHARED_PARTS.get(sharing.strategy, ())
    share = 0 if sharing.is_offloaded else 1 / gain(gpus)
    held = sum(size * (share if part in shared else 1) for part, size in state.items())
    working = activations(shape, plan)
    floor = min(LEAST_WORKING_SHARE * base_bytes(shape, plan), max(working, state["optimizer"]))
    return held + max(working, floor - state["gradients"]) + logit_bytes(shape, plan) + CUDA_CONTEXT


def state_bytes(shape: Shape, plan: Plan) -> dict[str, float]:
    """Bytes of what is there whatever the batch: weights with those of an adapter, their gradients, the optimizer."""
    trained = trained_parameters(shape, plan)
    lora = 0 if plan.method == "full" else trained * HALF
    # gradients have the format of what they are for, and that of an adapter is counted as the formula does
    per_weight = plan.weight_bytes if plan.method == "full" else HALF
    moments = max(OPTIMIZER_BYTES[plan.optimizer], 2 * per_weight if plan.optimizer == "adamw" else 0)
    return {
        "weights": base_bytes(shape, plan) + lora,
        "gradients": trained * per_weight,
        "optimizer": trained * moments,
    }


def base_bytes(shape: Shape, plan: Plan) -> float:
    """Bytes of the weights of the base model."""
    linear, other = parameters(shape)
    return quantised_bytes(linear, plan) + other * plan.weight_bytes


def logit_bytes(shape: Shape, plan: Plan) -> float:
    """Bytes of the logits that are there at a time."""
    of_batch = min(plan.batch * plan.length * shape.vocabulary * LOGIT_BYTES, plan.most_logit_bytes)
    # of the tuned model and of the base model
    return of_batch + 2 * plan.replayed * plan.replayed_length * shape.vocabulary * LOGIT_BYTES


def quantised_bytes(linear: int, plan: Plan) -> float:
    """Bytes of the linear layers, with the scales where they are quantised."""
    if plan.method != "qlora":
        return linear * plan.weight_bytes
    if plan.bits == 8:
        return linear * EIGHT_BIT_BYTES
    return linear * HALF / (DOUBLE_QUANT_SHRINK if plan.is_double_quant else FOUR_BIT_SHRINK)


def trained_parameters(shape: Shape, plan: Plan) -> float:
    """Parameters that the optimizer steps."""
    if plan.method == "full":
        return whole_trained(shape, plan)
    layers = shape.layers if plan.adapted_layers is None else plan.adapted_layers
    tables = plan.tables * shape.vocabulary * shape.hidden
    return layers * sum(plan.rank * (inputs + outputs) for inputs, outputs in projections(shape)) + tables


def whole_trained(shape: Shape, plan: Plan) -> float:
    """Parameters that are trained without an adapter."""
    linear, other = parameters(shape)
    share = 1 - plan.frozen_layers / shape.layers
    embeddings = shape.vocabulary * shape.hidden if plan.has_frozen_embeddings else 0
    return linear * share + other - embeddings


def unreached_parameters(shape: Shape, plan: Plan) -> float:
    """Parameters below the lowest layer that the backward pass reaches; a table that is the head as well is reached."""
    if not plan.unreached_layers:
        return 0
    linear, _ = parameters(shape)
    embedding = 0 if shape.is_tied else shape.vocabulary * shape.hidden
    return plan.unreached_layers * (linear / shape.layers + 2 * shape.hidden) + embedding


def activations(shape: Shape, plan: Plan) -> float:
    """Bytes that the forward passes of a batch keep for its backward pass, which ends at the lowest trained layer."""
    tokens = plan.length * plan.batch + plan.replayed * plan.replayed_length
    a_layer = (tokens * (shape.hidden + 2 * shape.kv) + 2 * tokens + 2 * tokens * shape.mlp) * HALF * ACTIVATION_SLACK
    reached = shape.layers - plan.unreached_layers
    kept = reached if not plan.is_checkpointed else FULL_LAYERS_KEPT if plan.method == "full" else 1
    squares = plan.batch * plan.length**2 + plan.replayed * plan.replayed_length**2
    scores = squares * shape.heads * EAGER_SCORES_BYTES if plan.has_eager_attention else 0
    return a_layer * kept + scores


def needed(shape: Shape, plan: Plan, sharing: Sharing = Sharing(), gpus: int = 1) -> float:
    """Bytes that admission asks of each device."""
    return estimate(shape, plan, sharing, gpus) * SAFETY


def gain(gpus: int) -> float:
    """How many times less each of so many GPUs has of what they share."""
    return 1 + EXTRA_GPU_SHARE * (gpus - 1)
