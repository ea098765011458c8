"""The contract as both languages read it; src/contract/fixtures.test.ts checks the same fixtures."""

import copy
import json
from typing import Any

import pytest

from worker.contract import problem
from worker.failure import CONTRACT

FIXTURES: dict[str, Any] = json.loads((CONTRACT / "fixtures.json").read_text("utf-8"))
BAD = [(name, one) for name, fixture in FIXTURES.items() for one in fixture["bad"]]


def changed(value: Any, path: list[str | int], to: Any) -> Any:
    """The value with one member, however deep, set to another."""
    result = copy.deepcopy(value)
    parent = result
    for part in path[:-1]:
        parent = parent[part]
    parent[path[-1]] = to
    return result


@pytest.mark.parametrize("name", FIXTURES)
def test_accepts_what_the_other_side_sends(name: str) -> None:
    assert problem(name, FIXTURES[name]["good"]) is None


@pytest.mark.parametrize(("name", "one"), BAD, ids=[f"{name}: {one['title']}" for name, one in BAD])
def test_refuses(name: str, one: dict[str, Any]) -> None:
    assert problem(name, changed(FIXTURES[name]["good"], one["set"], one["to"])) is not None
