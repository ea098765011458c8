"""Whether weights of an adapter that was made elsewhere mean the same in the adapter of this run."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from peft import PeftModel

CONFIG_FILE = "adapter_config.json"
# what decides the shape and meaning of the weights, as peft and as the spec name it
FIELDS = {
    "peft_type": "method",
    "r": "lora.rank",
    "init_r": "adaLoRA.initialRank",
    "lora_alpha": "lora.alpha",
    "target_modules": "lora.targetModules",
    "use_rslora": "lora.rsLoRA",
    "use_dora": "method",
    "bias": "lora.bias",
    "modules_to_save": "lora.modulesToSave",
    "num_virtual_tokens": "promptTuning.virtualTokens",
}


def difference(folder: Path, model: "PeftModel", whose: str) -> str | None:
    """What the adapter in `folder` has otherwise than that of the model, with the remedy; None where it is the same.

    `whose`: in words, what the adapter in `folder` is that of.
    """
    saved = json.loads((folder / CONFIG_FILE).read_text("utf-8"))
    own = model.peft_config["default"].to_dict()
    other = {
        field: (plain(saved[name]), plain(own[name]))
        for name, field in FIELDS.items()
        if name in saved and name in own and plain(saved[name]) != plain(own[name])
    }
    # another kind of adapter differs in all else too
    other = {"method": other["method"]} if "method" in other else other
    if not other:
        return None
    found = [f"{field} {whose} is {spoken(theirs)} and not {spoken(ours)}" for field, (theirs, ours) in other.items()]
    remedies = [
        f"{field} as there" if field == "method" else f"{field} to {spoken(theirs)}"
        for field, (theirs, _) in other.items()
    ]
    return f"{', '.join(found)}: set {' and '.join(remedies)}"


def plain(value: Any) -> Any:
    if isinstance(value, set | list | tuple):
        return sorted(value)
    return getattr(value, "value", value)


def spoken(value: Any) -> str:
    """As a manifest has it."""
    if isinstance(value, list):
        return f"[{', '.join(value)}]"
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
