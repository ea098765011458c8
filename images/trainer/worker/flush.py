"""Makes what was written survive a crash of the node, before anything names it."""

import os
from pathlib import Path


def flush_tree(folder: Path) -> None:
    """Flush all files and folders below `folder`, and itself."""
    for path in [*folder.rglob("*"), folder]:
        flush(path)


def flush(path: Path) -> None:
    """Flush a file, or the names in a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
