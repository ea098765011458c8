"""Nested objects as one list of values."""

from typing import Any


def leaves(value: Any, path: str = "") -> dict[str, Any]:
    """Every value of nested objects that is none itself, by its path, such as `training.seed`."""
    if not isinstance(value, dict):
        return {path: value}
    return {
        name: leaf
        for key, each in value.items()
        for name, leaf in leaves(each, f"{path}.{key}" if path else key).items()
    }
