"""Which method `Auto` is, by the number of rows and the memory of the accelerator."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from trainer.methods.names import FREEZE, FULL, LORA, QLORA

# below, an adapter holds all that the rows can teach; above, the whole model has enough to learn from
FEW_ROWS, MANY_ROWS = 100_000, 1_000_000


@dataclass(frozen=True)
class Chosen:
    """`reason` says why, in one clause without full stop."""

    name: str
    reason: str


def choose_method(
    rows: int, is_quantised: bool, fits: Callable[[str], bool] | None, excluded: Mapping[str, str]
) -> Chosen:
    """The best method for `rows` rows of which `fits` holds; `fits` is None without an accelerator.

    `is_quantised` is whether a base model in fewer bits was asked for; `excluded` has methods, each with what of the
    input it does not go with. The last candidate is taken whether or not it fits: that it does not is for the check of
    memory to say.
    """
    if is_quantised:
        return Chosen(QLORA, "quantization is given")
    candidates, why = _by_rows(rows)
    # of QLoRA, the last of them, nothing needs to be said: the others are better where they fit
    unfit = [name for name in candidates if name in excluded and name != QLORA]
    candidates = [name for name in candidates if name not in excluded]
    for what in dict.fromkeys(excluded[name] for name in unfit):
        names = [name for name in unfit if excluded[name] == what]
        why = f"{why}; {' and '.join(names)} {'do' if len(names) > 1 else 'does'} not go with {what}"
    if fits is None:
        return Chosen(candidates[0], why)
    fitting = next((name for name in candidates if fits(name)), candidates[-1])
    larger = candidates[: candidates.index(fitting)]
    return Chosen(fitting, f"{why}; {' and '.join(larger)} would not fit the memory" if larger else why)


def _by_rows(rows: int) -> tuple[list[str], str]:
    """Candidates from the largest to the smallest, and why they begin where they do."""
    if rows < FEW_ROWS:
        return [LORA, QLORA], f"{rows} training rows are fewer than {FEW_ROWS}: an adapter learns them"
    if rows <= MANY_ROWS:
        return [FREEZE, LORA, QLORA], f"{rows} training rows are enough to train the upper half of the model"
    return [FULL, FREEZE, LORA, QLORA], f"{rows} training rows are more than {MANY_ROWS}: enough for the whole model"
