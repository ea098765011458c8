"""What a judge is asked about the answers of an evaluation, and where the answers to that are found."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from evaluator.judge.pairwise import Match, Outcome, outcomes_of, questions_of
from evaluator.judge.prompts import grade_messages, read_grade
from evaluator.questions import Question, Told
from evaluator.table import Answers, Pair


@dataclass(frozen=True)
class Piece:
    """One item with its questions: those of the pairs first, then a grade of each model, from `start` on."""

    group: Answers
    row: int
    start: int


def questions_per_item(pairs: Sequence[Pair], value: dict[str, Any]) -> int:
    """How many questions the judge of an input is asked about one item."""
    models = {name for pair in pairs for name in (pair.baseline, pair.candidate)}
    each = {"Pairwise": 2 * value["votes"] * len(pairs), "Graded": len(models)}
    return sum(each[kind] for kind in value["asks"])


@dataclass
class Docket:
    """All questions in one list, item by item, so that a budget which ends early has judged whole items."""

    groups: list[Answers]
    pairs: list[Pair]
    votes: int
    is_pairwise: bool
    is_graded: bool
    questions: list[Question] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)

    @property
    def models(self) -> list[str]:
        return list(dict.fromkeys(name for pair in self.pairs for name in (pair.baseline, pair.candidate)))

    def fill(self) -> None:
        """Add the questions about all items behind those that are there."""
        for row in range(max(len(group.items) for group in self.groups)):
            for group in self.groups:
                if row < len(group.items):
                    self._add(group, row)

    def outcome(self, piece: Piece, pair: Pair, told: Told) -> Outcome:
        size = self.votes * 2
        start = piece.start + self.pairs.index(pair) * size
        part = {place - start: told.answers[place] for place in range(start, start + size) if place in told.answers}
        return outcomes_of(Told(part, {}, 0, None), 1, self.votes)[0]

    def grade(self, piece: Piece, model: str, told: Told) -> tuple[bool, str | None]:
        """Whether the judge was asked, and its grade, if that could be read."""
        place = self.place_of_grade(piece, model)
        return place in told.answers, told.answers.get(place)

    def place_of_grade(self, piece: Piece, model: str) -> int:
        before = len(self.pairs) * self.votes * 2 if self.is_pairwise else 0
        return piece.start + before + self.models.index(model)

    def of(self, group: Answers) -> list[Piece]:
        return [piece for piece in self.pieces if piece.group is group]

    def _add(self, group: Answers, row: int) -> None:
        item = group.items[row]
        said = {name: group.of(name)[row].output or "" for name in self.models}
        asked = "\n\n".join(message["content"] for message in item.messages[:-1])
        self.pieces.append(Piece(group, row, len(self.questions)))
        if self.is_pairwise:
            matches = [
                Match(asked, item.reference, item.evidence, said[pair.baseline], said[pair.candidate])
                for pair in self.pairs
            ]
            self.questions += questions_of(matches, self.votes)
        if self.is_graded:
            self.questions += [
                Question(grade_messages(asked, item.reference, item.evidence, said[name]), 0.0, 0, read_grade)
                for name in self.models
            ]


def totals(outcomes: Sequence[Outcome]) -> Outcome:
    """The counts of many outcomes."""
    return Outcome(
        None,
        sum(each.votes for each in outcomes),
        sum(each.one_sided for each in outcomes),
        sum(each.first_preferred for each in outcomes),
        sum(each.unreadable for each in outcomes),
    )
