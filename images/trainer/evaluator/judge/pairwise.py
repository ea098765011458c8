"""Two answers side by side, in both orders: what a judge says in one order alone is no win."""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluator.judge.prompts import FIRST, SECOND, TIE, compare_messages, read_verdict
from evaluator.questions import Question, Told

# further votes must be able to differ from the first
VOTE_TEMPERATURE = 0.7


@dataclass(frozen=True)
class Match:
    """Two answers to one question; `second` is that of the candidate."""

    question: str
    reference: str
    evidence: tuple[str, ...]
    baseline: str
    candidate: str


@dataclass(frozen=True)
class Outcome:
    """Of one match: 1 where the candidate wins, 0 where it loses, 0.5 where neither does; None where it was not judged.

    `votes`, `one_sided` and `unreadable` are counts: of votes whose two orders were both read, of those that named the
    same place in both orders, and of orders that were not read.
    """

    score: float | None
    votes: int
    one_sided: int
    first_preferred: int
    unreadable: int


def questions_of(matches: Sequence[Match], votes: int) -> list[Question]:
    """For each match and vote two questions: the baseline first, and the candidate first."""
    asked = []
    for match in matches:
        for vote in range(votes):
            temperature = VOTE_TEMPERATURE if vote else 0.0
            for first, second in ((match.baseline, match.candidate), (match.candidate, match.baseline)):
                messages = compare_messages(match.question, match.reference, match.evidence, first, second)
                asked.append(Question(messages, temperature, vote, read_verdict))
    return asked


def outcomes_of(told: Told, matches: int, votes: int) -> list[Outcome]:
    """The outcome of each match, from the answers to `questions_of`."""
    return [_outcome(told, match * votes * 2, votes) for match in range(matches)]


def _outcome(told: Told, start: int, votes: int) -> Outcome:
    balance = read = one_sided = first_preferred = unreadable = judged = 0
    for place in range(start, start + 2 * votes, 2):
        if place not in told.answers or place + 1 not in told.answers:
            continue
        judged += 1
        forth, back = told.answers[place], told.answers[place + 1]
        unreadable += (forth is None) + (back is None)
        if forth is None or back is None:
            # a judge that cannot be read has preferred nobody: the vote stays, as a tie
            continue
        read += 1
        if forth == back != TIE:
            one_sided += 1
            first_preferred += forth == FIRST
        elif (forth, back) == (SECOND, FIRST):
            balance += 1
        elif (forth, back) == (FIRST, SECOND):
            balance -= 1
    if judged == 0:
        return Outcome(None, 0, 0, 0, unreadable)
    score = 0.5 if balance == 0 else float(balance > 0)
    return Outcome(score, read, one_sided, first_preferred, unreadable)
