"""Every combination that cannot be: refused with its fields and a remedy, and only it."""

import pytest

from tests.trainer.builders import stage, train_input
from trainer.admission.combinations import COMBINATIONS, Case, check_combinations, message_of
from worker.failure import WorkerFailure

BF16 = {"precision": "bf16", "has_gpu": True}
ADAPTER = {"uri": "pvc://doctune-artifacts/artifacts/adapters/00", "digest": "sha256:00"}
FLASH = {"training": {"attention": "FlashAttention2"}}
POSITIONS = {"ropeScaling": None, "positions": {"length": 256, "init": "Interpolate"}}
UNFREEZING = {"stages": [stage("Sft", unfreeze=1)], "training": {"maxSteps": None}}


def case(method="LoRA", precision="fp32", *, changes=None, **machine):
    return Case(train_input({}, method=method, **(changes or {})), method, precision, **machine)


# name in the table -> (the case, what its message must have)
MET = {
    "fp16WithoutGpu": (case(precision="fp16"), "training.precision"),
    "pagedWithoutGpu": (case(changes={"training": {"optimizer": "PagedAdamW8bit"}}), '"AdamW8bit"'),
    "eightBitSharded": (
        case(changes={"training": {"optimizer": "AdamW8bit"}}, strategy="FSDP2", processes=2, **BF16),
        'distributed.strategy "FSDP2"',
    ),
    "quantizedSharded": (case("QLoRA", strategy="ZeRO3", processes=2, **BF16), 'distributed.strategy "ZeRO3"'),
    "quantizedOtherMethod": (case("Full", changes={"quantization": {"bits": 4}}), "spec.quantization"),
    "quantizedOwnBase": (case("QLoRA", changes={"lora": {"init": "pissa"}}), 'lora.init "pissa"'),
    "loftqWithoutBits": (case("DoRA", changes={"lora": {"init": "loftq"}}), 'spec.method to "QLoRA"'),
    "loftqEightBits": (
        case("QLoRA", changes={"lora": {"init": "loftq"}, "quantization": {"bits": 8}}),
        "quantization.bits is 8: use 4",
    ),
    "ranksTakenFromStart": (case("AdaLoRA", changes={"lora": {"init": "olora"}}), 'lora.init "olora"'),
    "replayOfAnotherBase": (
        case(changes={"lora": {"init": "pissa"}, "training": {"replay": 0.25}}),
        "training.replay",
    ),
    "flashWithoutGpu": (case(precision="bf16", changes=FLASH), "needs a GPU"),
    "flashWithoutPackage": (case(changes=FLASH, **BF16), "flash-attn"),
    "flashInFullPrecision": (
        case(precision="fp32", changes=FLASH, has_gpu=True, has_flash_attention=True),
        "training.precision",
    ),
    "probeSharded": (
        case(changes={"training": {"attentionProbe": True}}, strategy="FSDP2", processes=2, **BF16),
        'strategy "DDP"',
    ),
    "ranksToTake": (
        case("AdaLoRA", changes={"lora": {"rank": 64}, "adaLoRA": {"initialRank": 24}}),
        "adaLoRA.initialRank is 24",
    ),
    "compileWithoutGpu": (case(changes={"training": {"compile": True}}), "training.compile"),
    "compileDeterministic": (
        case(changes={"training": {"compile": True, "deterministic": True}}, **BF16),
        "training.deterministic",
    ),
    "ranksTakenTogether": (case("AdaLoRA", processes=2), "resources.gpus"),
    "unfreezingTogether": (
        case("Freeze", changes={"freeze": {"unfreezeEverySteps": 10}}, processes=2),
        "freeze.unfreezeEverySteps",
    ),
    "positionsOtherMethod": (case("IA3", changes={"context": POSITIONS}), 'method "IA3"'),
    "unfreezingOtherMethod": (case(changes=UNFREEZING), "stages.unfreeze"),
    "unfreezingTwice": (case("Freeze", changes={**UNFREEZING, "freeze": {"unfreezeEverySteps": 5}}), "leave one out"),
    "stepsOfAllStages": (case(changes={"stages": [stage("Sft")], "training": {"maxSteps": 5}}), "spec.stages"),
    "twoWaysToGoOn": (
        case(changes={"initAdapter": ADAPTER, "resumeFrom": {"run": "0123456789abcdef", "step": None}}),
        "initAdapterFrom",
    ),
    "adapterForWholeModel": (case("Full", changes={"initAdapter": ADAPTER}), "spec.baseModel"),
}


def test_training_3_every_combination_of_the_table_has_a_case():
    assert set(MET) == {combination.name for combination in COMBINATIONS}


@pytest.mark.parametrize("name", MET)
def test_training_3_what_cannot_go_together_is_refused_with_fields_and_remedy(name):
    met, word = MET[name]
    [combination] = [each for each in COMBINATIONS if each.name == name]
    assert [each.name for each in COMBINATIONS if each.is_met(met)] == [name]
    with pytest.raises(WorkerFailure) as refused:
        check_combinations(met)
    assert (refused.value.code, refused.value.reason) == (10, combination.reason)
    assert word in str(refused.value)
    assert "{" not in message_of(combination, met)


@pytest.mark.parametrize(
    "fine",
    [
        case(),
        case("QLoRA", changes={"lora": {"init": "loftq"}}),
        case("QLoRA", changes={"quantization": {"bits": 4}}, strategy="DDP", processes=2, **BF16),
        case(changes={"training": {"optimizer": "PagedAdamW8bit", "compile": True}}, **BF16),
        case(changes=FLASH, has_flash_attention=True, **BF16),
        case("Freeze", changes=UNFREEZING),
        case("Freeze", changes={"context": POSITIONS}),
        case("AdaLoRA", changes={"lora": {"rank": 16}, "adaLoRA": {"initialRank": 17}}),
        case(changes={"training": {"attentionProbe": True}}, strategy="ZeRO2", processes=2, **BF16),
    ],
)
def test_training_3_what_goes_together_is_not(fine):
    check_combinations(fine)


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({"training": {"compile": True}}, "UnfitCombination", "training.compile"),
        ({"context": POSITIONS, "method": "PromptTuning"}, "UnfitMethod", "context.positions"),
        ({"context": POSITIONS}, "UnfitContext", "context.positions"),
        *(
            ({"method": method, "training": {"chatTemplate": "chatml"}}, "UnfitMethod", "training.chatTemplate")
            for method in ("AdaLoRA", "IA3", "PromptTuning", "Freeze")
        ),
    ],
)
def test_training_3_a_run_is_refused_before_its_model_is_loaded(work, dataset, monkeypatch, changes, reason, field):
    monkeypatch.setattr("trainer.recipe.load", lambda *_, **__: pytest.fail("loaded"))
    failed = work.run(train_input(dataset, **changes))
    assert (failed.code, failed.result["reason"]) == (10, reason)
    assert field in failed.result["message"]
