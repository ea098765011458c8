"""Checkpoints of the last whole step, sealed one after the other."""

import logging
import shutil
import time
from pathlib import Path

from transformers import Trainer

from trainer.checkpoints.randomness import GeneratorStates, generator_states, set_generator_states
from trainer.checkpoints.sealed import check_space, seal

log = logging.getLogger("trainer")


class SavingTrainer(Trainer):
    """A Trainer with `settings`, `ranks` and `termination` that saves into a folder of the store.

    `savers` are called with the folder of each checkpoint before it is sealed, `loader` with that of the one to go on
    from.
    """

    def prepare_saving(self, checkpoints: Path) -> None:
        self.checkpoints = checkpoints
        self.partial = checkpoints / "partial"
        self.savers: list = []
        self.loader = None
        self.checkpoint_seconds = 0.0
        # False while an optimizer changes weights, which an error may leave half changed
        self.is_step_whole = True
        self._generator_states: GeneratorStates | None = None
        # what a killed attempt was writing
        if self.ranks.is_main:
            shutil.rmtree(self.partial, ignore_errors=True)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model=None) -> None:
        """By `loader` where the method has a file of its own."""
        if self.loader:
            self.loader(Path(resume_from_checkpoint))
        else:
            super()._load_from_checkpoint(resume_from_checkpoint, model)

    def end_step(self) -> None:
        """Batches of a next step that will be dropped draw random numbers; `save_now` takes them back."""
        self._generator_states = generator_states()
        self.is_step_whole = True

    def save_now(self) -> None:
        """Save the last whole step, after gradients of the next one were dropped.

        Before the first whole step of this process there is nothing new: what it went on from holds the generators as
        they were, which the dropped batches have moved on.
        """
        if self._generator_states is not None:
            set_generator_states(self._generator_states)
            self._save_checkpoint(self.model, None)

    def save_before_retry(self) -> None:
        """Keep what this attempt has done, if it has done a step and its weights are whole."""
        if self.ranks.is_alone and self._generator_states is not None and self.is_step_whole:
            self.model.zero_grad()
            self.save_now()

    def _save_checkpoint(self, model, trial) -> None:
        began = time.monotonic()
        written = Path(self.args.output_dir) / f"checkpoint-{self.state.global_step}"
        try:
            super()._save_checkpoint(model, trial)
            # each process writes its random state
            self.ranks.wait()
            if self.ranks.is_main:
                for save in self.savers:
                    save(written)
                seal(written, self.checkpoints, self.state.global_step, self.settings.checkpoints_kept)
            self.ranks.wait()
        except Exception as error:
            check_space(self.checkpoints, error)
            raise
        self.termination.is_saved = True
        self.checkpoint_seconds = round(time.monotonic() - began, 3)
        log.info("checkpoint saved", extra={"step": self.state.global_step, "seconds": self.checkpoint_seconds})
