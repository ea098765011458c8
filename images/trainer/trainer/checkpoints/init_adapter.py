"""`initAdapterFrom`: a new run whose adapter begins as that of another FineTuneJob, for new data."""

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.checkpoints.same_adapter import difference
from trainer.methods.conversion import OWN_START
from worker.failure import WorkerFailure

if TYPE_CHECKING:
    from peft import PeftModel

log = logging.getLogger("trainer")


def check_init(artifact: Path, revision: str, method: str, value: dict[str, Any]) -> None:
    """WorkerFailure `data` for an adapter of another base model or method, or for an artifact that is none."""
    manifest = json.loads((artifact / "manifest.json").read_text("utf-8"))
    known, made_by = manifest.get("baseModelRevision"), manifest.get("method", {}).get("name", "LoRA")
    if manifest.get("kind", "adapter") != "adapter":
        raise _unfit(
            f'it was trained by method "{made_by}" and is a whole model: use it as spec.baseModel, or leave it out'
        )
    if known != revision:
        raise _unfit(f'it was trained on "{known}" and spec.baseModel is "{revision}": give the same base model')
    if made_by != method:
        raise _unfit(f'it was trained by method "{made_by}" and this run trains by "{method}": set spec.method')
    if (manifest.get("context") or {}) != (value["context"] if manifest.get("context") else {}):
        raise _unfit("it was trained with another spec.context: give the same")
    if value["lora"]["init"] in OWN_START:
        raise _unfit(f'lora.init "{value["lora"]["init"]}" makes first weights of its own: leave it out')


def start_from(model: "PeftModel", adapter: Path) -> None:
    """Give the model the weights of the adapter. WorkerFailure `data` when they would have another shape or meaning."""
    from peft import get_peft_model_state_dict, load_peft_weights, set_peft_model_state_dict

    other = difference(adapter, model, "of the adapter")
    if other:
        raise _unfit(f"{other}{converted(adapter)}")
    weights = load_peft_weights(str(adapter), device="cpu")
    own = get_peft_model_state_dict(model, save_embedding_layers=False)
    theirs, ours = ({name: tuple(weight.shape) for name, weight in each.items()} for each in (weights, own))
    if theirs != ours:
        raise _unfit(
            "its weights are of other layers or shapes: set lora.lastLayers, lora.skipLayers and training.chatTemplate "
            "as there"
        )
    set_peft_model_state_dict(model, weights)
    log.info("the adapter begins as another one", extra={"adapter": adapter.parent.name})


def converted(adapter: Path) -> str:
    """A word on an adapter that has not the rank that its FineTuneJob asks for."""
    manifest = json.loads((adapter.parent / "manifest.json").read_text("utf-8"))
    init = (manifest.get("lora") or {}).get("init")
    if init not in OWN_START:
        return ""
    return (
        f' (it began with lora.init "{init}", after which an adapter is published with twice its rank and more alpha)'
    )


def _unfit(what: str) -> WorkerFailure:
    return WorkerFailure("data", "InitAdapterUnfit", f"initAdapterFrom: {what}")
