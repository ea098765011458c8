"""Packages that transformers, accelerate and peft import wherever they find them, though a run has no use for them.

They are a third of what a start imports. `hidden` is for a process with one run: the libraries remember what they have
not found.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from trainer.distributed.strategies import EIGHT_BIT
from trainer.methods.names import AUTO, QLORA

# rows come from files of our own; losses and measures of images and speech are not asked for
NEVER = ("datasets", "scipy", "sklearn")
FEW_BITS = "bitsandbytes"


def unneeded(value: dict[str, Any], is_gpu: bool) -> tuple[str, ...]:
    """Names of packages that the run of a train input can do without."""
    has_few_bits = (
        value["method"] == QLORA
        # left open, it may come to that where memory is counted
        or (value["method"] == AUTO and (is_gpu or value["quantization"] is not None))
        or value["training"]["optimizer"] in EIGHT_BIT
        or may_be_quantised(value["baseModel"])
    )
    return NEVER if has_few_bits else (*NEVER, FEW_BITS)


def may_be_quantised(base_model: dict[str, Any]) -> bool:
    """Whether the weights may lie in few bits already; of a hub's model that is not known before it is asked."""
    if "builtIn" in base_model:
        return False
    config = Path(base_model["path"]) / "config.json" if "path" in base_model else None
    return config is None or not config.is_file() or "quantization_config" in config.read_text("utf-8")


@contextmanager
def hidden(names: Iterable[str]) -> Iterator[None]:
    """Inside, a package of these names is not found, unless it was imported before; afterwards it is."""
    absent = [name for name in names if name not in sys.modules]
    for name in absent:
        # Python's own way to say so: an import of it fails
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for name in absent:
            if sys.modules[name] is None:
                del sys.modules[name]
