"""What cannot go together, whatever the model, each with what to do instead: one table, looked at before the model.

The operator refuses the rows that need no look at the machine when an object is written: src/api/v1alpha1/
fine-tune-job/combinations.ts has those.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from trainer.distributed.strategies import EIGHT_BIT, SHARDED, SHARDED_WEIGHTS
from trainer.methods.conversion import CHANGES_BASE, OWN_START
from trainer.methods.loftq import LOFTQ
from trainer.methods.names import ADALORA, AUTO, FREEZE, QLORA, RANKED, WHOLE
from trainer.stages import unfreezes
from worker.failure import WorkerFailure


@dataclass(frozen=True)
class Case:
    """An input with the method that was chosen and what the machine has. `precision` is never auto."""

    value: dict[str, Any]
    method: str
    precision: str
    strategy: str | None = None
    processes: int = 1
    has_gpu: bool = False
    has_flash_attention: bool = False

    @property
    def training(self) -> dict[str, Any]:
        return self.value["training"]

    @property
    def init(self) -> str:
        return self.value["lora"]["init"]


@dataclass(frozen=True)
class Combination:
    """`message` names the fields and the remedy, with `{name}` for members of the case or of its training."""

    name: str
    is_met: Callable[[Case], bool]
    message: str
    reason: str = "UnfitCombination"

    def check(self, case: Case) -> None:
        """WorkerFailure `config` where it is met."""
        if self.is_met(case):
            raise WorkerFailure("config", self.reason, message_of(self, case))


COMBINATIONS = (
    Combination(
        "fp16WithoutGpu",
        lambda case: case.precision == "fp16" and not case.has_gpu,
        'training.precision "fp16" needs a GPU: use "auto", "bf16" or "fp32"',
        "UnfitPrecision",
    ),
    Combination(
        "pagedWithoutGpu",
        lambda case: case.training["optimizer"] == "PagedAdamW8bit" and not case.has_gpu,
        'training.optimizer "PagedAdamW8bit" keeps pages between GPU and host, and there is none: use "AdamW8bit", or '
        "set resources.gpus",
    ),
    Combination(
        "eightBitSharded",
        lambda case: case.training["optimizer"] in EIGHT_BIT and case.strategy in SHARDED,
        'training.optimizer "{optimizer}" cannot step parts of weights, which distributed.strategy "{strategy}" makes: '
        'use "AdamW", or strategy "DDP"',
    ),
    Combination(
        "quantizedSharded",
        lambda case: case.method == QLORA and case.strategy in SHARDED_WEIGHTS,
        'method "QLoRA" holds weights in fewer bits, which distributed.strategy "{strategy}" cannot share: use "DDP", '
        'or method "LoRA"',
    ),
    Combination(
        "quantizedOtherMethod",
        lambda case: case.value["quantization"] is not None and case.value["method"] not in (AUTO, QLORA),
        'spec.quantization is for method "QLoRA" and method is "{asked}": leave one of them out',
    ),
    Combination(
        "quantizedOwnBase",
        lambda case: case.method == QLORA and case.init in CHANGES_BASE,
        'lora.init "{init}" takes its first weights out of the base model, which method "QLoRA" holds in fewer bits: '
        'use "default" or "loftq", or method "LoRA"',
    ),
    Combination(
        "loftqWithoutBits",
        lambda case: case.method != QLORA and case.init == LOFTQ,
        'lora.init "loftq" makes up for what 4 bits take from the base model: set spec.method to "QLoRA", or leave '
        "lora.init out",
    ),
    Combination(
        "loftqEightBits",
        lambda case: (
            case.method == QLORA and case.init == LOFTQ and (case.value["quantization"] or {}).get("bits") == 8
        ),
        'lora.init "loftq" makes up for what 4 bits take from the base model, and quantization.bits is 8: use 4, or '
        "leave lora.init out",
    ),
    Combination(
        "ranksTakenFromStart",
        lambda case: case.method == ADALORA and case.init in CHANGES_BASE,
        'lora.init "{init}" begins with a rank that stays, of which method "AdaLoRA" takes some: use "default", or '
        'method "LoRA"',
    ),
    Combination(
        "replayOfAnotherBase",
        lambda case: case.training["replay"] and case.init in OWN_START,
        'training.replay holds the model to what it says without its adapter, and with lora.init "{init}" that is not '
        'what its base model says: use "default", or leave replay out',
        "UnfitReplay",
    ),
    Combination(
        "flashWithoutGpu",
        lambda case: case.training["attention"] == "FlashAttention2" and not case.has_gpu,
        'training.attention "FlashAttention2" needs a GPU: use "Auto"',
    ),
    Combination(
        "flashWithoutPackage",
        lambda case: case.training["attention"] == "FlashAttention2" and case.has_gpu and not case.has_flash_attention,
        'training.attention "FlashAttention2" needs the package flash-attn, which this image lacks: use "Auto", or an '
        "image with it as runtime.image",
    ),
    Combination(
        "flashInFullPrecision",
        lambda case: case.training["attention"] == "FlashAttention2" and case.precision == "fp32",
        'training.attention "FlashAttention2" computes in 16 bits and training.precision is "fp32": use "bf16", or '
        'attention "Auto"',
    ),
    Combination(
        "probeSharded",
        lambda case: case.training["attentionProbe"] and case.strategy in SHARDED_WEIGHTS,
        'training.attentionProbe looks into a whole model, of which distributed.strategy "{strategy}" leaves each '
        'process a part: leave it out, or use strategy "DDP"',
    ),
    Combination(
        "ranksToTake",
        lambda case: (
            case.method == ADALORA
            and case.value["adaLoRA"]["initialRank"] is not None
            and case.value["adaLoRA"]["initialRank"] <= case.value["lora"]["rank"]
        ),
        "adaLoRA.initialRank is {initial} and lora.rank (of the spec, its preset or by default), to which ranks are "
        "taken, is {rank}: raise initialRank above it, lower lora.rank, or leave initialRank out",
    ),
    Combination(
        "compileWithoutGpu",
        lambda case: case.training["compile"] and not case.has_gpu,
        "training.compile needs a GPU: leave it out",
    ),
    Combination(
        "compileDeterministic",
        lambda case: case.training["compile"] and case.training["deterministic"],
        "training.compile chooses kernels by trying them, which training.deterministic forbids: leave one of them out",
    ),
    Combination(
        "ranksTakenTogether",
        lambda case: case.method == ADALORA and case.processes > 1,
        'method "AdaLoRA" changes what is trained in the course of a run, which {processes} processes cannot do '
        "together: set resources.gpus to 1 and resources.nodes to 1, or use another method",
        "UnfitMethod",
    ),
    Combination(
        "unfreezingTogether",
        lambda case: (
            case.method == FREEZE
            and case.processes > 1
            and (case.value["freeze"]["unfreezeEverySteps"] is not None or unfreezes(case.value))
        ),
        "freeze.unfreezeEverySteps and stages.unfreeze change what is trained in the course of a run, which "
        "{processes} processes cannot do together: set resources.gpus to 1 and resources.nodes to 1, or leave them out",
        "UnfitMethod",
    ),
    Combination(
        "positionsOtherMethod",
        lambda case: case.value["context"]["positions"] is not None and case.method not in RANKED | WHOLE,
        'method "{method}" cannot train the new positions of context.positions: use "LoRA", or another method with '
        "matrices or whole weights",
        "UnfitMethod",
    ),
    Combination(
        "unfreezingOtherMethod",
        lambda case: unfreezes(case.value) and case.method != FREEZE,
        'stages.unfreeze is for method "Freeze": set spec.method, or leave it out',
    ),
    Combination(
        "unfreezingTwice",
        lambda case: unfreezes(case.value) and case.value["freeze"]["unfreezeEverySteps"] is not None,
        "stages.unfreeze and freeze.unfreezeEverySteps are two ways to the same: leave one out",
    ),
    Combination(
        "stepsOfAllStages",
        lambda case: bool(case.value["stages"]) and case.training["maxSteps"] is not None,
        "training.maxSteps is for a run without stages: give maxSteps in each of spec.stages",
    ),
    Combination(
        "twoWaysToGoOn",
        lambda case: case.value["resumeFrom"] is not None and case.value["initAdapter"] is not None,
        'spec takes "resumeFrom" for the same data or "initAdapterFrom" for new data, not both',
    ),
    Combination(
        "adapterForWholeModel",
        lambda case: case.value["initAdapter"] is not None and case.method in WHOLE,
        "initAdapterFrom needs a method with an adapter: set another spec.method, or name the model as spec.baseModel",
    ),
)


def check_combinations(case: Case) -> None:
    """WorkerFailure `config` for the first combination of the table that an input has."""
    for combination in COMBINATIONS:
        combination.check(case)


def message_of(combination: Combination, case: Case) -> str:
    return combination.message.format(
        optimizer=case.training["optimizer"],
        strategy=case.strategy,
        asked=case.value["method"],
        method=case.method,
        init=case.value["lora"]["init"],
        initial=case.value["adaLoRA"]["initialRank"],
        rank=case.value["lora"]["rank"],
        processes=case.processes,
    )
