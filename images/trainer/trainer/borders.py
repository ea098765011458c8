"""What happens where one stage of a run ends and the next begins."""

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from transformers import TrainerCallback

from trainer.checkpoints.sealed import step_of
from trainer.stages import borders, stage_after
from worker.failure import WorkerFailure

if TYPE_CHECKING:
    from trainer.optimization.loop import AnswerTrainer

log = logging.getLogger("trainer")

FILE = "stage.json"


class BorderCallback(TrainerCallback):
    """Saves at the end of each stage; a checkpoint names the stage that it goes on with."""

    def __init__(self, trainer: "AnswerTrainer") -> None:
        self.trainer = trainer
        self.stages = trainer.settings.stages
        self.borders = borders(self.stages)

    def on_step_end(self, args, state, control, **_) -> None:
        if state.global_step in self.borders:
            control.should_save = True
            begun = stage_after(self.stages, state.global_step)
            log.info("stage begins", extra={"stage": begun.index, "stageName": begun.name})

    def save(self, folder: Path) -> None:
        (folder / FILE).write_text(json.dumps(self._stage(self.trainer.state.global_step)), "utf-8")

    def check(self, checkpoint: Path) -> None:
        """WorkerFailure `data` for a checkpoint of a run with other stages; those of older versions do not tell."""
        file = checkpoint / FILE
        own = self._stage(step_of(checkpoint))
        saved = json.loads(file.read_text("utf-8")) if file.is_file() else own
        if saved != own:
            raise WorkerFailure(
                "data",
                "InputsChanged",
                f'step {step_of(checkpoint)} was in stage {saved["stage"]} ("{saved["name"]}") when the checkpoint was '
                f'saved, and is in stage {own["stage"]} ("{own["name"]}") now: start a new run',
            )

    def _stage(self, step: int) -> dict[str, int | str]:
        stage = stage_after(self.stages, step)
        return {"stage": stage.index, "name": stage.name}
