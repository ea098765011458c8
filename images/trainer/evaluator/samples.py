"""One line per item, model and setting, kept in the run's folder so that a restarted worker repeats nothing."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Sample:
    """What one model did with one item.

    `output` is None when nothing was generated, `loss` (nats, over `answerTokens` tokens) when nothing was scored.
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


class SampleFile:
    """The samples of a run, on disk after each batch. A file of other inputs or other libraries is begun anew."""

    def __init__(self, path: Path, fingerprint: dict[str, Any]) -> None:
        self._path = path
        self.samples: dict[Key, Sample] = {}
        lines = _whole_lines(path)
        header = {"fingerprint": fingerprint}
        if lines[:1] == [header]:
            known = [Sample(**line) for line in lines[1:]]
            self.samples = {sample.key: sample for sample in known}
        # also cuts off what a killed worker left of a line
        self._replace([header, *map(asdict, self.samples.values())])

    def add(self, samples: list[Sample]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.writelines(_line(asdict(sample)) for sample in samples)
            file.flush()
            os.fsync(file.fileno())
        self.samples |= {sample.key: sample for sample in samples}

    def _replace(self, values: list[dict[str, Any]]) -> None:
        fresh = self._path.with_suffix(".new")
        fresh.write_text("".join(map(_line, values)), "utf-8")
        fresh.replace(self._path)


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"


def _whole_lines(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    lines = path.read_text("utf-8", errors="replace").split("\n")[:-1]
    values = []
    for line in lines:
        try:
            values.append(json.loads(line))
        except ValueError:
            break
    return values
