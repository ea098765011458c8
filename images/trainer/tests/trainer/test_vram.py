"""The estimate of accelerator memory against published peaks and against the table of estimates."""

import math

import pytest
from transformers import GPT2Config, LlamaConfig, MambaConfig, OPTConfig, Qwen2Config

from tests.trainer.builders import train_input
from trainer.admission.combinations import Case, check_combinations
from trainer.admission.preflight import check_room, choose_by_memory, plan_of, resolve_sharing, with_checkpointing
from trainer.admission.room import Room, check_memory
from trainer.admission.vram import SAFETY, Plan, Shape, estimate, gain, known_shape, needed, parameters, shape_of
from trainer.distributed.strategies import Sharing
from trainer.methods.settings import resolve_method
from worker.failure import WorkerFailure

MODELS = {
    "Qwen2.5-0.5B": Shape(896, 128, 4864, 24, 151936, 14, True),
    "Qwen2.5-1.5B": Shape(1536, 256, 8960, 28, 151936, 12, True),
    "Qwen2.5-3B": Shape(2048, 256, 11008, 36, 151936, 16, True),
    "Llama-3.2-3B": Shape(3072, 1024, 8192, 28, 128256, 24, True),
    "Qwen2.5-7B": Shape(3584, 512, 18944, 28, 152064, 28, False),
    "Llama-3.1-8B": Shape(4096, 1024, 14336, 32, 128256, 32, False),
    "Qwen2.5-14B": Shape(5120, 1024, 13824, 48, 152064, 40, False),
    "Qwen2.5-32B": Shape(5120, 1024, 27648, 64, 152064, 40, False),
    "Llama-3.1-70B": Shape(8192, 1024, 28672, 80, 128256, 64, False),
}
# GB at rank 16, one row at a time, 8-bit Adam: QLoRA 2048 and 8192 tokens, LoRA 2048 and 8192, full 2048
TABLE = {
    "Qwen2.5-0.5B": (2.0, 2.2, 2.5, 2.7, 5.2),
    "Qwen2.5-1.5B": (2.9, 3.3, 4.6, 5.1, 13.0),
    "Qwen2.5-3B": (4.0, 4.6, 7.5, 8.3, 24.6),
    "Llama-3.2-3B": (4.1, 4.7, 7.7, 8.3, 25.5),
    "Qwen2.5-7B": (7.9, 9.1, 16.2, 17.4, 58.4),
    "Llama-3.1-8B": (8.0, 9.0, 16.9, 17.9, 61.5),
    "Qwen2.5-14B": (12.8, 13.7, 29.7, 30.6, 112),
    "Qwen2.5-32B": (24.0, 25.6, 64.0, 65.6, 246),
    "Llama-3.1-70B": (47.4, 48.9, 135, 137, 528),
}
COLUMNS = (("qlora", 2048), ("qlora", 8192), ("lora", 2048), ("lora", 8192), ("full", 2048))
CELLS = [
    (name, method, length, gigabytes)
    for name, row in TABLE.items()
    for (method, length), gigabytes in zip(COLUMNS, row, strict=True)
]


@pytest.mark.parametrize(("name", "method", "length", "gigabytes"), CELLS)
def test_training_4_the_estimate_is_within_15_percent_of_the_table(name, method, length, gigabytes):
    plan = Plan(method, length, 1, optimizer="adamw_8bit")
    assert estimate(MODELS[name], plan) / 1e9 == pytest.approx(gigabytes, rel=0.15)


@pytest.mark.parametrize(
    ("name", "plan", "gigabytes"),
    [
        ("Llama-3.2-3B", Plan("qlora", 4096, 2, optimizer="adamw_8bit"), 4.6),
        ("Llama-3.2-3B", Plan("lora", 4096, 2, optimizer="adamw_8bit"), 8.5),
        ("Llama-3.1-8B", Plan("lora", 2048, 2, optimizer="adamw_8bit"), 16.2),
        ("Llama-3.1-8B", Plan("qlora", 2048, 2, optimizer="adamw_8bit"), 7.4),
        ("Qwen2.5-3B", Plan("qlora", 2048, 1, rank=64, optimizer="adamw_8bit"), 4.1),
    ],
)
def test_training_4_the_estimate_is_within_15_percent_of_published_peaks(name, plan, gigabytes):
    assert estimate(MODELS[name], plan) / 1e9 == pytest.approx(gigabytes, rel=0.15)


@pytest.mark.parametrize(("name", "billions"), [("Qwen2.5-0.5B", 0.494), ("Llama-3.1-8B", 8.03), ("Qwen2.5-32B", 32.5)])
def test_parameters_are_those_of_the_model(name, billions):
    assert sum(parameters(MODELS[name])) / 1e9 == pytest.approx(billions, rel=0.02)


def test_what_costs_memory_raises_the_estimate():
    shape, plan = MODELS["Qwen2.5-7B"], Plan("lora", 2048, 1)
    dearer = [
        Plan("lora", 4096, 4),
        Plan("lora", 2048, 1, rank=256),
        Plan("lora", 2048, 1, is_checkpointed=False),
        Plan("lora", 2048, 1, most_logit_bytes=math.inf),
        Plan("lora", 2048, 1, has_eager_attention=True),
    ]
    assert all(estimate(shape, other) > estimate(shape, plan) for other in dearer)
    assert needed(shape, plan) > estimate(shape, plan)


def test_further_gpus_count_less():
    assert gain(1) == 1
    assert gain(3) == pytest.approx(1 + 2 * 0.85)


def test_a_shape_is_read_from_a_configuration():
    config = LlamaConfig(
        hidden_size=576,
        intermediate_size=1536,
        num_hidden_layers=30,
        num_attention_heads=9,
        num_key_value_heads=3,
        vocab_size=49152,
        tie_word_embeddings=True,
    )
    assert shape_of(config) == Shape(576, 192, 1536, 30, 49152, 9, True)


SIX_BILLION = OPTConfig(hidden_size=4096, ffn_dim=16384, num_hidden_layers=32, num_attention_heads=32)


@pytest.mark.parametrize(
    ("config", "shape", "billions"),
    [
        # as facebook/opt-6.7b and gpt2-xl have them
        (SIX_BILLION, Shape(4096, 4096, 16384, 32, 50272, 32, True, False), 6.7),
        (GPT2Config(n_embd=1600, n_layer=48, n_head=25), Shape(1600, 1600, 6400, 48, 50257, 25, True, False), 1.56),
        (GPT2Config(n_inner=2048), Shape(768, 768, 2048, 12, 50257, 12, True, False), 0.105),
    ],
)
def test_training_4_a_shape_is_read_whatever_its_sizes_are_called(config, shape, billions):
    assert shape_of(config) == known_shape(config) == shape
    assert sum(parameters(shape)) / 1e9 == pytest.approx(billions, rel=0.02)


SEVEN_BILLION = Qwen2Config(
    hidden_size=3584,
    intermediate_size=18944,
    num_hidden_layers=28,
    num_attention_heads=28,
    num_key_value_heads=4,
    vocab_size=152064,
    tie_word_embeddings=False,
)


def an_input(**training):
    changes = {"maxLength": 2048, "perDeviceBatchSize": 1, "gradientCheckpointing": True, **training}
    return train_input({}, lora={"rank": 16}, training=changes)


def a_plan(precision, method="LoRA", **training):
    value = an_input(**training)
    return plan_of(value, resolve_method(value, method), SEVEN_BILLION.num_hidden_layers, precision)


def a_method(name, **changes):
    return resolve_method({**an_input(), **changes}, name)


def memory_of(plan, capacity, method="LoRA"):
    return check_memory(shape_of(SEVEN_BILLION), plan, Room(capacity), a_method(method))


def test_a_run_that_fits_tells_what_it_needs():
    assert 16e9 < memory_of(a_plan("bf16"), int(24e9)) < 22e9


def test_a_run_that_does_not_fit_is_refused_with_the_fields_to_change():
    plan = a_plan("bf16", gradientCheckpointing=False, perDeviceBatchSize=8)
    with pytest.raises(WorkerFailure, match="GPU has 24.0 GB.*gradientCheckpointing.*perDeviceBatchSize") as refused:
        memory_of(plan, int(24e9))
    assert refused.value.reason == "DoesNotFit"


SIZES = "lower training.perDeviceBatchSize or training.maxLength"


@pytest.mark.parametrize(
    ("method", "optimizer", "gpus", "strategy", "advice"),
    [
        *(
            (name, "AdamW", 1, None, f'set method to "QLoRA", or {SIZES}')
            for name in ("LoRA", "DoRA", "AdaLoRA", "IA3")
        ),
        ("PromptTuning", "SGD", 1, None, f'set method to "QLoRA", or {SIZES}'),
        *(
            (
                name,
                "AdamW",
                1,
                None,
                f'set training.optimizer to "AdamW8bit", or set method to "LoRA" or "QLoRA", or {SIZES}',
            )
            for name in ("Full", "Freeze")
        ),
        ("Full", "AdamW8bit", 1, None, f'set method to "LoRA" or "QLoRA", or {SIZES}'),
        ("QLoRA", "AdamW", 1, None, SIZES),
        # weights that are shared stay as they are, and so does the state of their optimizer
        ("Full", "AdamW", 4, "FSDP2", f'set method to "LoRA", or {SIZES}'),
        ("LoRA", "AdamW", 4, "ZeRO3", SIZES),
        # weights are not shared, and may be
        ("LoRA", "AdamW", 4, "ZeRO1", f'set distributed.strategy to "FSDP2", or set method to "QLoRA", or {SIZES}'),
        ("LoRA", "AdamW", 4, "DDP", f'set distributed.strategy to "FSDP2", or set method to "QLoRA", or {SIZES}'),
        (
            "LoRA",
            "PagedAdamW8bit",
            4,
            "DDP",
            'set distributed.strategy to "FSDP2" with training.optimizer "AdamW", or set method to "QLoRA", or '
            + SIZES,
        ),
        ("QLoRA", "AdamW", 4, "DDP", SIZES),
    ],
)
def test_training_4_what_does_not_fit_names_what_helps_the_method(method, optimizer, gpus, strategy, advice):
    plan = a_plan("bf16", method, optimizer=optimizer, perDeviceBatchSize=2)
    with pytest.raises(WorkerFailure) as refused:
        check_memory(shape_of(SEVEN_BILLION), plan, Room(int(1e9), gpus, Sharing(strategy)), a_method(method))
    whose = {1: "the GPU has 1.0 GB", 4: "each GPU has 1.0 GB"}[gpus]
    whose = whose if strategy in (None, "DDP") else f"each of the {gpus} GPUs that share the model has 1.0 GB"
    assert f", and {whose}: {advice}, or choose a GPU" in refused.value.message


def test_training_4_8_bits_and_single_rows_have_remedies_of_their_own():
    value = {**an_input(perDeviceBatchSize=1), "quantization": {"bits": 8, "doubleQuant": False}}
    method = resolve_method(value, "QLoRA")
    plan = plan_of(value, method, SEVEN_BILLION.num_hidden_layers, "bf16")
    with pytest.raises(
        WorkerFailure, match=r"GB: set quantization\.bits to 4, or lower training\.maxLength, or choose"
    ):
        check_memory(shape_of(SEVEN_BILLION), plan, Room(int(1e9)), method)


def test_weights_in_full_precision_need_nearly_twice_the_memory():
    half, full = (memory_of(a_plan(name), int(80e9)) for name in ("bf16", "fp16"))
    assert 1.7 < full / half < 2


def needs(**training):
    return estimate(shape_of(SEVEN_BILLION), a_plan("bf16", training.pop("method", "LoRA"), **training)) / 1e9


@pytest.mark.parametrize(
    ("method", "optimizer", "gigabytes"),
    # 7.6 billion weights in full precision with their gradients, and what the optimizer keeps of each
    [
        ("Full", "AdamW", 7.6 * (4 + 4 + 8)),
        ("Full", "AdamW8bit", 7.6 * (4 + 4 + 4)),
        ("Full", "PagedAdamW8bit", 7.6 * (4 + 4 + 4)),
        ("Full", "Adafactor", 7.6 * (4 + 4 + 1)),
        ("Full", "SGD", 7.6 * (4 + 4 + 4)),
        # of an adapter of 40 million numbers there is little to save
        ("LoRA", "AdamW", 17.6),
        ("LoRA", "AdamW8bit", 17.5),
        ("LoRA", "Adafactor", 17.4),
    ],
)
def test_training_4_the_estimate_follows_the_optimizer(method, optimizer, gigabytes):
    assert needs(method=method, optimizer=optimizer) == pytest.approx(gigabytes, rel=0.05)


@pytest.mark.parametrize(
    ("replay", "batch", "rows"),
    [(0, 4, 0), (0.25, 4, 1), (0.25, 1, 1), (1, 4, 4), (0.3, 4, 2)],
)
def test_training_4_general_rows_beside_a_batch_take_their_logits_twice_and_their_activations(replay, batch, rows):
    more = needs(replay=replay, perDeviceBatchSize=batch) - needs(perDeviceBatchSize=batch)
    logits = 2 * rows * 160 * SEVEN_BILLION.vocab_size * 10 / 1e9
    assert logits <= more <= 1.1 * logits


def test_training_4_general_rows_are_no_longer_than_rows_may_be():
    assert needs(replay=1, maxLength=64) - needs(maxLength=64) < needs(replay=1) - needs()


def test_training_4_plain_attention_takes_the_square_of_the_length():
    scores = 28 * 2048**2 * 24 / 1e9
    assert needs(attention="Eager") - needs(attention="Sdpa") == pytest.approx(scores)


def test_training_4_the_less_is_trained_the_less_memory_it_takes():
    methods = ("QLoRA", "LoRA", "AdaLoRA", "Freeze", "Full")
    needs = [needed(shape_of(SEVEN_BILLION), a_plan("bf16", method)) for method in methods]
    assert needs == sorted(needs)
    # 16 bytes a parameter: weights, gradients and two moments in full precision
    assert needs[-1] / 7.6e9 / SAFETY == pytest.approx(16, rel=0.15)


@pytest.mark.parametrize(
    ("rows", "gigabytes", "method", "reason"),
    [
        (48, None, "LoRA", "48 training rows are fewer"),
        (48, 24, "LoRA", "48 training rows are fewer"),
        (48, 12, "QLoRA", "LoRA would not fit"),
        (200_000, 100, "Freeze", "upper half"),
        (200_000, 24, "LoRA", "Freeze would not fit"),
        (2_000_000, 200, "Full", "whole model"),
        (2_000_000, 12, "QLoRA", "Full and Freeze and LoRA would not fit"),
    ],
)
def test_training_3_auto_chooses_by_rows_and_memory_and_says_why(rows, gigabytes, method, reason):
    chosen = choose_by_memory(an_input(), rows, SEVEN_BILLION, "bf16", gigabytes and int(gigabytes * 1e9))
    assert (chosen.name, reason in chosen.reason) == (method, True), chosen.reason


@pytest.mark.parametrize(
    ("gpus", "gigabytes", "strategy", "optimizer", "method", "shared_by"),
    [
        # a copy each is cheapest
        (2, 24, "Auto", "AdamW", "LoRA", "DDP"),
        # LoRA fits both together, and its weights can be shared
        (2, 12, "Auto", "AdamW", "LoRA", "FSDP2"),
        # QLoRA fits one alone, LoRA none of them and not as a whole: bits cannot be shared and need not be
        (2, 9, "Auto", "AdamW", "QLoRA", "DDP"),
        # a state in 8 bits cannot be shared, so that each GPU must hold all of the run
        (2, 12, "Auto", "AdamW8bit", "QLoRA", "DDP"),
        (2, 24, "Auto", "AdamW8bit", "LoRA", "DDP"),
        # who asks for copies has the memory of one GPU
        (2, 12, "DDP", "AdamW", "QLoRA", "DDP"),
        # who asks for shares cannot have bits
        (2, 9, "FSDP2", "AdamW", "LoRA", "FSDP2"),
        # nothing fits: what is refused is the memory, and not what was chosen
        (2, 4, "Auto", "AdamW", "QLoRA", "DDP"),
    ],
)
def test_training_3_method_and_strategy_are_chosen_so_that_they_go_together(
    gpus, gigabytes, strategy, optimizer, method, shared_by
):
    value = {**an_input(optimizer=optimizer), "distributed": {"strategy": strategy, "cpuOffload": False}}
    capacity = int(gigabytes * 1e9)
    chosen = choose_by_memory(value, 48, SEVEN_BILLION, "bf16", capacity, gpus)
    sharing = resolve_sharing(value, SEVEN_BILLION, chosen, "bf16", capacity, gpus)
    assert (chosen.name, sharing.strategy) == (method, shared_by)
    check_combinations(Case(value, chosen.name, "bf16", sharing.strategy, gpus, has_gpu=True))


@pytest.mark.parametrize(
    "changes",
    [
        {"initAdapter": {"uri": "pvc://a/b", "digest": "sha256:00"}},
        {"training": {**an_input()["training"], "replay": 0.25}},
    ],
)
def test_training_3_auto_chooses_no_method_that_its_input_would_be_refused_for(changes):
    chosen = choose_by_memory({**an_input(), **changes}, 2_000_000, SEVEN_BILLION, "bf16", int(200e9))
    assert (chosen.name, "Full and Freeze do not go with" in chosen.reason) == ("LoRA", True), chosen.reason


def test_training_3_auto_does_not_unfreeze_in_several_processes():
    value = {**an_input(), "freeze": {**an_input()["freeze"], "unfreezeEverySteps": 50}}
    alone, together = (
        choose_by_memory(value, 200_000, SEVEN_BILLION, "bf16", int(200e9), processes) for processes in (1, 2)
    )
    assert (alone.name, together.name) == ("Freeze", "LoRA")
    assert "Freeze does not go with freeze.unfreezeEverySteps in several processes" in together.reason


def test_training_3_a_method_that_is_asked_for_needs_no_reason():
    assert choose_by_memory({**an_input(), "method": "DoRA"}, 48, SEVEN_BILLION, "bf16", None).reason is None


UNKNOWN = MambaConfig()


@pytest.mark.parametrize(
    ("config", "gigabytes", "method", "is_checkpointed"),
    [
        (SIX_BILLION, 80, "LoRA", False),
        (SIX_BILLION, 24, "LoRA", True),
        (SIX_BILLION, 12, "QLoRA", True),
        (GPT2Config(), 24, "LoRA", False),
        # no attention, and so none of the sizes of one: nothing is asked of it, and memory may still run out
        (UNKNOWN, 1, "LoRA", False),
    ],
)
def test_training_4_models_with_other_names_for_their_sizes_pass_admission(config, gigabytes, method, is_checkpointed):
    value, capacity = an_input(gradientCheckpointing=None), int(gigabytes * 1e9)
    chosen = choose_by_memory(value, 48, config, "bf16", capacity)
    value = with_checkpointing(value, config, chosen, "bf16", capacity)
    assert (chosen.name, value["training"]["gradientCheckpointing"]) == (method, is_checkpointed)
    assert resolve_sharing(value, config, chosen, "bf16", capacity, 1).strategy is None
    check_room(value, config, chosen, "bf16", Room(capacity))


def test_training_4_a_model_of_unknown_sizes_is_shared_as_asked_for():
    value = {**an_input(), "distributed": {"strategy": "FSDP2", "cpuOffload": False}}
    assert known_shape(UNKNOWN) is None
    sharing = resolve_sharing(value, UNKNOWN, a_method("LoRA"), "bf16", int(1e9), 2)
    assert sharing.strategy == "FSDP2"
    check_room(value, UNKNOWN, a_method("LoRA"), "bf16", Room(int(1e9), 2, sharing))


def test_training_4_opt_that_does_not_fit_is_refused():
    with pytest.raises(WorkerFailure, match="the GPU has 12.0 GB") as refused:
        check_room(an_input(), SIX_BILLION, a_method("LoRA"), "bf16", Room(int(12e9)))
    assert refused.value.reason == "DoesNotFit"


def on_gpus(strategy="Auto", gpus=2, gigabytes=85, is_offloaded=False, **training):
    """Whether activations are computed again, and the strategy, of eight rows of 4096 tokens in Llama-3.1-8B."""
    config = LlamaConfig(
        hidden_size=4096,
        intermediate_size=14336,
        num_hidden_layers=32,
        num_attention_heads=32,
        num_key_value_heads=8,
        vocab_size=128256,
    )
    batch = {"maxLength": 4096, "perDeviceBatchSize": 8, "gradientCheckpointing": None, **training}
    value = {**an_input(**batch), "distributed": {"strategy": strategy, "cpuOffload": is_offloaded}}
    method, capacity = resolve_method(value, "LoRA"), int(gigabytes * 1e9)
    value = with_checkpointing(value, config, method, "bf16", capacity, gpus)
    sharing = resolve_sharing(value, config, method, "bf16", capacity, gpus)
    check_room(value, config, method, "bf16", Room(capacity, gpus, sharing))
    return value["training"]["gradientCheckpointing"], sharing.strategy


@pytest.mark.parametrize(
    ("changes", "checkpointed", "strategy"),
    [
        # all activations are 91 GB, those of each GPU as of one alone
        ({}, True, "DDP"),
        ({"gpus": 8}, True, "DDP"),
        ({"strategy": "FSDP2"}, True, "FSDP2"),
        # both fit a larger one
        ({"gigabytes": 141}, False, "DDP"),
        ({"strategy": "FSDP2", "gigabytes": 120}, False, "FSDP2"),
        # a copy fits none, with short rows its share does, and then nothing need be computed again
        ({"gigabytes": 16, "maxLength": 128, "perDeviceBatchSize": 1}, False, "FSDP2"),
        ({"gigabytes": 16}, True, "FSDP2"),
        # what is shared is in host memory
        ({"strategy": "FSDP2", "gigabytes": 9, "is_offloaded": True}, True, "FSDP2"),
    ],
)
def test_training_4_checkpointing_and_sharing_follow_what_each_gpu_holds(changes, checkpointed, strategy):
    assert on_gpus(**changes) == (checkpointed, strategy)


@pytest.mark.parametrize("strategy", ["Auto", "DDP", "FSDP2"])
def test_training_4_no_number_of_gpus_shares_activations(strategy):
    with pytest.raises(WorkerFailure, match="GB on each GPU, and .*set training.gradientCheckpointing") as refused:
        on_gpus(strategy, gpus=8, gradientCheckpointing=False)
    assert refused.value.reason == "DoesNotFit"


def test_training_4_a_gpu_has_its_part_of_what_its_strategy_shares():
    shape, plan = MODELS["Qwen2.5-7B"], Plan("full", 2048, 1, weight_bytes=4)
    weights = sum(parameters(shape))
    alone, *shared = (estimate(shape, plan, Sharing(name), 3) for name in ("DDP", "ZeRO1", "ZeRO2", "FSDP2", "ZeRO3"))
    assert alone == estimate(shape, plan)
    # in full precision: 4 bytes of each weight, 4 of its gradient, 8 of its moments; a share is 1 / 2.7
    saved = [(alone - each) / weights / (1 - 1 / 2.7) for each in shared]
    assert saved == pytest.approx([8, 12, 16, 16])
    assert alone - estimate(shape, plan, Sharing("FSDP2", True), 3) == pytest.approx(16 * weights)
