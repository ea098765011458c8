"""What the estimate makes of an adapter on some of the layers, against what the trainer then trains and keeps."""

import hashlib

import pytest
import torch

from tests.trainer.builders import train_input
from tests.trainer.test_vram import MODELS, SEVEN_BILLION
from trainer.admission.disk import space_of
from trainer.admission.preflight import plan_of
from trainer.admission.vram import activations, estimate, shape_of, trained_parameters
from trainer.methods.settings import resolve_method
from trainer.optimization.loss import answer_loss
from worker.failure import WorkerFailure
from worker.models import load_config

SHAPE = shape_of(SEVEN_BILLION)
# of rank 16 on all linear modules of one layer of 3584, with keys of 512 and an MLP of 18944
A_LAYER = 16 * (2 * (3584 + 3584) + 2 * (3584 + 512) + 3 * (3584 + 18944))
A_TABLE = 152064 * 3584


def a_plan(method="LoRA", *, shape=SHAPE, length=2048, **changes):
    training = {"maxLength": length, "perDeviceBatchSize": 1, **changes.pop("training", {})}
    value = train_input({}, lora={"rank": 16, **changes.pop("lora", {})}, training=training, **changes)
    return plan_of(value, resolve_method(value, method), shape.layers, "bf16")


@pytest.mark.parametrize(
    ("method", "lora", "layers", "tables"),
    [
        ("LoRA", {}, 28, 0),
        ("LoRA", {"lastLayers": 7}, 7, 0),
        ("QLoRA", {"lastLayers": 28}, 28, 0),
        ("DoRA", {"skipLayers": 5}, 23, 0),
        ("LoRA", {"skipLayers": 5, "lastLayers": 26}, 23, 0),
        ("LoRA", {"skipLayers": 5, "lastLayers": 4}, 4, 0),
        ("LoRA", {"lastLayers": 7, "modulesToSave": ["lm_head"]}, 7, 1),
        ("LoRA", {"modulesToSave": ["lm_head", "embed_tokens", "norm"]}, 28, 2),
    ],
)
def test_training_4_only_layers_with_an_adapter_and_tables_beside_it_are_trained(method, lora, layers, tables):
    trained = trained_parameters(SHAPE, a_plan(method, lora=lora))
    assert trained == layers * A_LAYER + tables * A_TABLE


# what is trained -> layers that keep activations for the backward pass, of 28
REACHED = [
    ("LoRA", {}, 28),
    ("LoRA", {"lora": {"lastLayers": 7}}, 7),
    ("LoRA", {"lora": {"skipLayers": 5}}, 23),
    ("LoRA", {"lora": {"lastLayers": 7, "modulesToSave": ["lm_head"]}}, 7),
    # whatever is trained below takes the gradient there
    ("LoRA", {"lora": {"lastLayers": 7, "modulesToSave": ["embed_tokens"]}}, 28),
    ("LoRA", {"lora": {"lastLayers": 7, "bias": "all"}}, 28),
    ("LoRA", {"lora": {"lastLayers": 7}, "training": {"chatTemplate": "chatml"}}, 28),
    ("LoRA", {"lora": {"lastLayers": 7}, "context": {"positions": {"length": 4096, "init": "Random"}}}, 28),
    # methods that do not look at these fields
    ("IA3", {"lora": {"lastLayers": 7}}, 28),
    ("Full", {"lora": {"lastLayers": 7}}, 28),
    ("Freeze", {"freeze": {"layers": 20}}, 8),
    ("Freeze", {"freeze": {"layers": 20, "embeddings": False}}, 28),
    ("Freeze", {"freeze": {"layers": 20, "unfreezeEverySteps": 5}}, 28),
]


@pytest.mark.parametrize(("method", "changes", "layers"), REACHED)
def test_training_4_layers_below_the_lowest_trained_one_keep_nothing(method, changes, layers):
    training = {"gradientCheckpointing": False, **changes.get("training", {})}
    plan = a_plan(method, **{**changes, "training": training})
    assert activations(SHAPE, plan) == pytest.approx(
        layers / 28 * activations(SHAPE, a_plan("Full", training=training))
    )


def test_training_4_with_checkpointing_one_layer_is_kept_at_a_time_whatever_is_trained():
    few, all_layers = (
        activations(SHAPE, a_plan(lora=lora, training={"gradientCheckpointing": True}))
        for lora in ({"lastLayers": 7}, {})
    )
    assert few == all_layers


@pytest.mark.parametrize("name", MODELS)
def test_training_4_fewer_layers_need_less_memory(name):
    shape = MODELS[name]
    plans = [a_plan(shape=shape, lora={"lastLayers": last}) for last in (2, shape.layers // 2, None)]
    few, half, everything = (estimate(shape, plan) for plan in plans)
    assert few < half < everything


def test_training_4_more_layers_than_the_model_has_are_refused_by_the_estimate():
    with pytest.raises(WorkerFailure, match="lora.lastLayers is 29 and the base model has 28 layers") as refused:
        a_plan(lora={"lastLayers": 29})
    assert (refused.value.code, refused.value.reason) == (10, "TooFewLayers")


@pytest.mark.parametrize("init", ["pissa", "olora", "loftq"])
def test_training_4_an_adapter_with_its_start_in_it_takes_twice_the_space(init):
    plan = a_plan()
    plain, doubled = (space_of(train_input({}, lora={"init": each}), SHAPE, plan) for each in ("default", init))
    assert (doubled.artifact, doubled.checkpoints) == (2 * plain.artifact, plain.checkpoints)


def an_input(dataset, changes):
    training = {"maxSteps": 1, "perDeviceBatchSize": 2, **changes.get("training", {})}
    run = {"id": hashlib.sha256(repr(changes).encode()).hexdigest()}
    return train_input(dataset, **{"method": "LoRA", **changes, "training": training, "run": run})


def planned(value):
    shape = shape_of(load_config(value["baseModel"]))
    return shape, plan_of(value, resolve_method(value, value["method"]), shape.layers, "fp32")


@pytest.fixture
def kept(work, dataset, monkeypatch):
    """Bytes that the largest forward pass of a run keeps for its backward pass, beside the weights."""

    def measure(changes):
        passes = []

        def watched(model, batch, *rest):
            if not torch.is_grad_enabled():
                return answer_loss(model, batch, *rest)
            weights = {weight.untyped_storage().data_ptr() for weight in model.parameters()}
            found = {}

            def pack(tensor):
                storage = tensor.untyped_storage()
                if storage.data_ptr() not in weights:
                    found[storage.data_ptr()] = storage.nbytes()
                return tensor

            with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
                loss = answer_loss(model, batch, *rest)
            passes.append(sum(found.values()))
            return loss

        with monkeypatch.context() as patched:
            patched.setattr("trainer.optimization.loop.answer_loss", watched)
            run = work.run(an_input(dataset, changes))
        assert run.code == 0, run.result
        return max(passes)

    return measure


def test_training_4_the_trainer_keeps_activations_of_as_many_layers_as_estimated(kept, dataset):
    everything = kept({})
    last = kept({"lora": {"lastLayers": 1}})
    a_layer = (everything - last) / 3
    for changes in (
        {"lora": {"lastLayers": 2}},
        {"lora": {"lastLayers": 3}},
        {"lora": {"skipLayers": 2}},
        {"method": "QLoRA", "lora": {"lastLayers": 2}},
    ):
        shape, plan = planned(an_input(dataset, changes))
        layers = 1 + (kept(changes) - last) / a_layer
        assert layers == pytest.approx(shape.layers - plan.unreached_layers, abs=0.2), changes
    # with something trained below, layers without an adapter keep a part of theirs, which the estimate counts whole
    changes = {"lora": {"lastLayers": 1, "modulesToSave": ["embed_tokens"]}}
    assert last + 0.3 * 3 * a_layer < kept(changes) < everything
    assert planned(an_input(dataset, changes))[1].unreached_layers == 0


def test_training_4_frozen_layers_below_frozen_embeddings_keep_nothing(kept):
    frozen = [kept({"method": "Freeze", "freeze": {"layers": number}}) for number in (1, 2, 3)]
    assert frozen[0] - frozen[1] == pytest.approx(frozen[1] - frozen[2], rel=0.02)
    assert frozen[2] < frozen[0] / 2


@pytest.mark.parametrize(
    "lora",
    [{}, {"lastLayers": 1}, {"skipLayers": 1}, {"lastLayers": 3, "skipLayers": 2}, {"modulesToSave": ["lm_head"]}],
)
def test_training_4_as_many_parameters_are_trained_as_estimated(work, dataset, lora):
    value = an_input(dataset, {"lora": lora})
    run = work.run(value)
    assert run.code == 0, run.result
    assert run.result["summary"]["trainableParameters"]["count"] == trained_parameters(*planned(value))
