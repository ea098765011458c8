"""What a preset asks for and a dataset cannot give: it is left out and told, where the spec itself would be refused."""

from collections.abc import Sequence
from typing import Any

from trainer.outcome.diagnosis import Warned


def without_wish(value: dict[str, Any], is_general: Sequence[bool]) -> tuple[dict[str, Any], Warned | None]:
    """The train input without a domainWeight that its preset alone asks for, where the rows are all of one kind; and
    what is told of that, None where nothing was left out.
    """
    training = value["training"]
    is_mixable = any(is_general) and not all(is_general)
    if is_mixable or training["domainWeight"] is None or not training["isDomainWeightOptional"]:
        return value, None
    told = Warned(
        "NotMixed",
        f"training.domainWeight {training['domainWeight']:g} of the preset is left out, since the dataset has "
        "no rows to mix: give the Dataset a spec.mixture",
    )
    return {**value, "training": {**training, "domainWeight": None}}, told
