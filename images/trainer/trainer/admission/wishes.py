"""What a preset asks for and a dataset cannot give: it is left out and told, where the spec itself would be refused."""

from collections.abc import Sequence
from typing import Any

from trainer.outcome.diagnosis import Warned


def without_wish(value: dict[str, Any], is_general: Sequence[bool]) -> dict[str, Any]:
    """The train input without a domainWeight that its preset alone asks for, where the rows are all of one kind."""
    training = value["training"]
    is_mixable = any(is_general) and not all(is_general)
    if is_mixable or training["domainWeight"] is None or not training["isDomainWeightOptional"]:
        return value
    return {**value, "training": {**training, "domainWeight": None}}


def wish_warning(asked: dict[str, Any], taken: dict[str, Any]) -> Warned | None:
    """What is told of a train input that `without_wish` changed."""
    if asked["training"]["domainWeight"] == taken["training"]["domainWeight"]:
        return None
    return Warned(
        "NotMixed",
        f"training.domainWeight {asked['training']['domainWeight']:g} of the preset is left out, since the dataset has "
        "no rows to mix: give the Dataset a spec.mixture",
    )
