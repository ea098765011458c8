"""How busy a GPU is, by a stand-in for NVML at its border, and what is said of it."""

from types import SimpleNamespace

import pytest

from trainer.admission.preflight import lowest_reached
from trainer.admission.vram import Plan, shape_of, unreached_parameters
from trainer.methods.freeze import apply_freeze, decoder_layers
from trainer.methods.lora import adapted_layers, apply_lora
from trainer.methods.reached import count_numbers
from trainer.methods.settings import Freeze, Lora
from trainer.progress.flops import operations_a_token, utilization
from trainer.progress.gpu_use import GpuUse, underuse_message
from trainer.progress.meter import Meter


class Nvml:
    """NVML of one device whose use and power are set by a test; None makes it fail."""

    class NVMLError(Exception):
        pass

    def __init__(self, use, milliwatts=300_000):
        self.use, self.milliwatts = use, milliwatts

    def nvmlDeviceGetUtilizationRates(self, handle):  # noqa: N802 (NVML's name)
        return SimpleNamespace(gpu=self._given(self.use))

    def nvmlDeviceGetPowerUsage(self, handle):  # noqa: N802 (NVML's name)
        return self._given(self.milliwatts)

    def _given(self, value):
        if value is None:
            raise self.NVMLError
        return value


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def sampled(nvml, clock, seconds):
    gpu = GpuUse(nvml, "handle", clock)
    for _ in range(seconds):
        gpu.take()
        clock.now += 1
    return gpu


def test_training_25_use_and_power_are_means_since_the_last_report():
    clock, nvml = Clock(), Nvml(40)
    gpu = sampled(nvml, clock, 10)
    nvml.use = 90
    for _ in range(5):
        gpu.take()
        clock.now += 1
    assert gpu.metrics(5) == {"gpu_utilization": 0.9, "gpu_power_watts": 300.0}


def test_a_device_that_does_not_tell_gives_no_figure():
    assert sampled(Nvml(None), Clock(), 3).metrics(3) == {}
    assert sampled(Nvml(50, None), Clock(), 3).metrics(3) == {"gpu_utilization": 0.5}


@pytest.mark.parametrize(
    ("use", "seconds", "told"), [(50, 299, None), (50, 302, 0.5), (79, 302, 0.79), (81, 302, None)]
)
def test_training_25_low_use_is_told_after_five_minutes(use, seconds, told):
    found = sampled(Nvml(use), Clock(), seconds).low_use()
    assert found == (told if told is None else pytest.approx(told))


def test_a_lull_that_is_over_is_forgotten():
    clock, nvml = Clock(), Nvml(0)
    gpu = sampled(nvml, clock, 400)
    nvml.use = 95
    for _ in range(301):
        gpu.take()
        clock.now += 1
    assert gpu.low_use() is None


def a_meter(clock, gpu, waited=0.0, device="NVIDIA H100 80GB HBM3"):
    import torch

    trainer = SimpleNamespace(
        model=torch.nn.Linear(1000, 1000, bias=False),
        settings=SimpleNamespace(is_gradient_checkpointing=False, accumulation=4),
        own_tokens=75,
        places=100,
        waited=waited,
    )
    return Meter(trainer, gpu, device, clock, lambda _: {"epoch_tokens": 900, "gpu_memory_estimated_bytes": 5})


@pytest.mark.parametrize(
    ("waited", "cause"), [(100.0, "spec.resources.cpu"), (1.0, "spec.training.perDeviceBatchSize")]
)
def test_training_25_the_warning_names_the_probable_cause(waited, cause):
    clock = Clock()
    meter = a_meter(clock, None, waited)
    meter._gpu = sampled(Nvml(30), clock, 400)
    told = meter.metrics(1000.0)
    # the operator is told at once, and as long as the run lasts
    figures = {"gpu_low_use": 0.3, "gpu_waiting_share": round(waited / 400, 4)}
    assert {name: told[name] for name in figures} == figures
    clock.now += 400
    assert {name: meter.metrics(1000.0)[name] for name in figures} == figures
    assert meter.warning.reason == "GPUUnderused"
    assert "used 30% of the last five minutes" in meter.warning.message
    assert cause in meter.warning.as_dict()["message"]


@pytest.mark.parametrize(("accumulation", "is_named"), [(1, False), (4, True)])
def test_training_25_accumulation_is_lowered_where_there_is_some(accumulation, is_named):
    message = underuse_message(0.3, 0.0, accumulation)
    assert "raise spec.training.perDeviceBatchSize" in message
    assert ("gradientAccumulationSteps" in message) == is_named


def test_training_25_padding_and_mfu():
    clock = Clock()
    gpu = sampled(Nvml(100), clock, 2)
    found = a_meter(clock, gpu).metrics(1e7)
    # a million weights, all trained: six operations each
    assert found["mfu"] == pytest.approx(1e7 * 6e6 / 989e12, abs=1e-4)
    assert found["padding_share"] == 0.25
    assert "mfu" not in a_meter(clock, gpu, device="GPU of tomorrow").metrics(1e7)
    # memory of a GPU that is not there is not told
    assert a_meter(clock, None).metrics(1e7) == {"epoch_tokens": 900, "padding_share": 0.25}


def test_an_adapter_needs_no_gradients_of_its_base():
    assert operations_a_token(1000, 1000, False) == 6000
    assert operations_a_token(1000, 10, False) == 4020
    assert operations_a_token(1000, 10, True) == 6020


def test_training_25_layers_that_no_gradient_reaches_are_computed_forwards_alone():
    assert operations_a_token(1000, 0, False, 600) == 2 * 1000 + 2 * 400
    # nor are they computed again
    assert operations_a_token(1000, 10, True, 600) == 2 * 1000 + 4 * 400 + 2 * 10


@pytest.mark.parametrize(
    ("changes", "layers"),
    [
        ({"lastLayers": 1}, 3),
        ({"skippedLayers": 2}, 2),
        ({}, 0),
        # trained before the first layer
        ({"lastLayers": 1, "modulesToSave": ("embed_tokens",)}, 0),
    ],
)
def test_training_25_the_lowest_trained_layer_is_found_in_the_model_as_the_estimate_has_it(changes, layers):
    from transformers import AutoModelForCausalLM

    lora = Lora(
        4,
        8,
        0.0,
        ("all-linear",),
        False,
        last_layers=changes.get("lastLayers"),
        skipped_layers=changes.get("skippedLayers", 0),
        modules_to_save=changes.get("modulesToSave", ()),
    )
    model = apply_lora(AutoModelForCausalLM.from_pretrained("/models/tiny"), lora)
    config = model.config
    numbers = count_numbers(model)
    assert lowest_reached(lora, adapted_layers(config.num_hidden_layers, lora)) == layers
    plan = Plan("lora", 64, 1, rank=4, unreached_layers=layers)
    assert numbers.unreached == pytest.approx(unreached_parameters(shape_of(config), plan), rel=0.02)
    assert (numbers.unreached > 0) == (layers > 0)
    assert numbers.trained == sum(weight.numel() for weight in model.parameters() if weight.requires_grad)


def test_training_25_layers_that_are_unfrozen_are_reached_from_then_on():
    from transformers import AutoModelForCausalLM

    model = apply_freeze(AutoModelForCausalLM.from_pretrained("/models/tiny"), Freeze(2, True, 5))
    before = count_numbers(model).unreached
    decoder_layers(model)[1].requires_grad_(True)
    assert 0 < count_numbers(model).unreached < before


def test_training_25_a_speed_without_arithmetic_is_no_utilization():
    assert utilization(1.0, 1.0, "cpu") is None
