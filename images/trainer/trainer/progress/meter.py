"""How well a run uses its machine: padding, share of the GPU's arithmetic, how busy the GPU is."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from trainer.admission.forecast import epoch_tokens
from trainer.admission.preflight import plan_of_settings
from trainer.admission.vram import estimate, known_shape
from trainer.methods.reached import count_numbers
from trainer.methods.trained import trains_tokens
from trainer.outcome.diagnosis import Warned
from trainer.progress.flops import operations_a_token, utilization
from trainer.progress.gpu_use import GpuUse, underuse_message

if TYPE_CHECKING:
    from trainer.optimization.loop import AnswerTrainer


class Meter:
    """Figures of one process. `gpu` is None without a GPU, and then nothing is said of one."""

    def __init__(
        self,
        trainer: "AnswerTrainer",
        gpu: GpuUse | None,
        device: str = "",
        clock: Callable[[], float] = time.monotonic,
        foresee: "Callable[[AnswerTrainer], dict[str, float]] | None" = None,
    ) -> None:
        self._foresee = foresee or planned
        self._trainer = trainer
        self._gpu = gpu
        self._device = device
        self._clock = clock
        self._began = self._last = clock()
        self._planned: dict[str, float] | None = None
        # the first lull is kept: a run that gets faster later was slow all the same
        self.warning: Warned | None = None
        self._lull: dict[str, float] = {}

    def metrics(self, tokens_per_second: float | None) -> dict[str, float]:
        """What there is to tell since the last call; `tokens_per_second` are those without padding."""
        if self._planned is None:
            self._planned = self._foresee(self._trainer)
        found = dict(self._planned)
        if self._trainer.places:
            found["padding_share"] = round(1 - self._trainer.own_tokens / self._trainer.places, 4)
        if self._gpu is None:
            found.pop("gpu_memory_estimated_bytes", None)
            return found
        now = self._clock()
        found |= self._gpu.metrics(now - self._last)
        self._last = now
        mfu = tokens_per_second and utilization(tokens_per_second, self._operations(), self._device)
        if mfu:
            found["mfu"] = mfu
        self._watch(now)
        return found | self._lull

    def _operations(self) -> float:
        """A token; asked each time, since layers may be unfrozen."""
        numbers = count_numbers(self._trainer.model)
        is_checkpointed = self._trainer.settings.is_gradient_checkpointing
        return operations_a_token(numbers.total, numbers.trained, is_checkpointed, numbers.unreached)

    def _watch(self, now: float) -> None:
        use = self._gpu.low_use()
        if use is not None and self.warning is None:
            waiting_share = self._trainer.waited / max(1e-9, now - self._began)
            message = underuse_message(use, waiting_share, self._trainer.settings.accumulation)
            self.warning = Warned("GPUUnderused", message)
            self._lull = {"gpu_low_use": round(use, 4), "gpu_waiting_share": round(waiting_share, 4)}


def planned(trainer: "AnswerTrainer") -> dict[str, float]:
    """What was known before the first step: tokens of an epoch, and bytes that a GPU was expected to need."""
    settings = trainer.settings
    shape = known_shape(trainer.model.config)
    found: dict[str, float] = {"epoch_tokens": epoch_tokens(trainer.course.draws[-1], settings.last_stage)}
    if shape:
        plan = plan_of_settings(settings, shape, has_new_tokens=trains_tokens(trainer.model))
        found["gpu_memory_estimated_bytes"] = round(estimate(shape, plan, settings.sharing, settings.world_size))
    return found


def make_meter(trainer: "AnswerTrainer") -> Meter:
    """A meter that watches the GPU where there is one."""
    import torch

    from trainer.progress.gpu_use import watch_gpu

    device = torch.cuda.get_device_name() if torch.cuda.is_available() else ""
    return Meter(trainer, watch_gpu(), device)
