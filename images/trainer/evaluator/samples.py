"""What a model did with an item, from this run or from an earlier one under the same conditions."""

from dataclasses import asdict, dataclass
from typing import Any

from evaluator.answer_log import AnswerLog, digest_of, kept_number, shared_folder
from evaluator.items import Item
from evaluator.prompts import Setting

Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Sample:
    """What one model did with one item.

    `output` is None when nothing was generated, `loss` (nats, over `answerTokens` tokens) when nothing was scored. A
    model whose logits are not finite has an infinite loss.
    """

    item: str
    split: str
    model: str
    setting: str
    isPromptCut: bool  # noqa: N815 - names of the JSON line
    output: str | None
    newTokens: int  # noqa: N815
    hasEnded: bool  # noqa: N815
    loss: float | None
    answerTokens: int  # noqa: N815

    @property
    def key(self) -> Key:
        return self.setting, self.split, self.item, self.model

    def has(self, is_generated: bool, is_scored: bool) -> bool:
        """Whether what is wanted of it is there."""
        return (self.output is not None or not is_generated) and (self.loss is not None or not is_scored)


class SampleLog:
    """The samples of one model; `conditions` are all that its answers depend on besides item and setting."""

    def __init__(self, model: str, conditions: dict[str, Any]) -> None:
        self._model = model
        self._conditions = digest_of(conditions)
        self._log = AnswerLog(shared_folder("samples", self._conditions))

    def find(self, item: Item, setting: Setting) -> Sample | None:
        kept = self._log.get(self._key(item, setting))
        if kept is None:
            return None
        # the same question may have another name, and stand in another split
        identity = {"item": item.id, "split": item.split, "model": self._model, "setting": setting.name}
        loss = kept["sample"]["loss"]
        return Sample(**(kept["sample"] | identity | {"loss": None if loss is None else float(loss)}))

    def add(self, samples: list[tuple[Item, Setting, Sample]]) -> None:
        self._log.add(
            (self._key(item, setting), {"sample": _kept(sample), "prompt": setting.messages(item)[:-1]})
            for item, setting, sample in samples
        )

    def close(self) -> None:
        self._log.close()

    def _key(self, item: Item, setting: Setting) -> str:
        return digest_of(
            {
                "conditions": self._conditions,
                "item": digest_of(setting.messages(item)),
                "decoding": setting.decoding(),
            }
        )


def _kept(sample: Sample) -> dict[str, Any]:
    return asdict(sample) | {"loss": None if sample.loss is None else kept_number(sample.loss)}


def merged(earlier: Sample | None, fresh: Sample) -> Sample:
    """A sample with the parts of an earlier one that were not computed again."""
    if earlier is None:
        return fresh
    values = asdict(fresh)
    if fresh.output is None:
        values |= {"output": earlier.output, "newTokens": earlier.newTokens, "hasEnded": earlier.hasEnded}
    if fresh.loss is None:
        values["loss"] = earlier.loss
    return Sample(**values)


def only(sample: Sample, is_generated: bool, is_scored: bool) -> Sample:
    """Without what another evaluation has found out: a report has what its own input asks for."""
    values = asdict(sample)
    if not is_generated:
        values |= {"output": None, "newTokens": 0, "hasEnded": True}
    if not is_scored:
        values["loss"] = None
    return Sample(**values)
