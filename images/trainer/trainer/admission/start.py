"""All that can be refused before any weight of the base model is loaded, and what a run is expected to take."""

import logging
from pathlib import Path
from typing import Any

from trainer.admission.disk import Space, bytes_below, check_disk, space_of
from trainer.admission.licence import Licence, check_licence
from trainer.admission.preflight import plan_of
from trainer.admission.vram import Shape, known_shape
from trainer.methods.settings import Method
from worker.store import store_root

log = logging.getLogger("trainer")


def check_start(value: dict[str, Any], config: Any, method: Method, precision: str, folder: Path) -> Licence:
    """WorkerFailure for a licence that was not accepted (`model`), or a store without room for the run (`disk`).

    `folder` is that of the run, which may have written a part already.
    """
    licence = check_licence(value["baseModel"], value["acceptLicense"])
    shape = known_shape(config)
    if shape:
        space = space_for(value, shape, method, precision)
        check_disk(space, store_root(), bytes_below(folder))
        log.info("the store has room for the run", extra={"bytes": space.as_dict()})
    return licence


def space_for(value: dict[str, Any], shape: Shape, method: Method, precision: str) -> Space:
    return space_of(value, shape, plan_of(value, method, shape.layers, precision))
