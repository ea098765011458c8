"""Whether a question without an answer is refused, and a wrong assumption corrected: by the words of two languages."""

import re
from collections.abc import Sequence

UNANSWERABLE, FALSE_PREMISE = "unanswerable", "falsePremise"
TASKS = (UNANSWERABLE, FALSE_PREMISE)
# a correction comes before what is right is told
HEAD = 200

REFUSAL = re.compile(
    r"\b(?:do(?:es)?(?: not|n['’]t)|did(?: not|n['’]t)|is(?: not|n['’]t)|are(?: not|n['’]t)|never|no)\b[^.]{0,60}\b"
    r"(?:mention|document|describe|cover|specif|state|say|tell|list|explain|define|exist|includ|support|provide|contain|"
    r"know)|\bnot (?:mentioned|documented|described|covered|specified|stated|listed|explained|defined|available)\b|"
    r"\bno (?:information|mention|such)\b|\b(?:cannot|can['’]t|could not) (?:be )?(?:answer|determine|find|tell)|"
    r"\b(?:i am|i['’]m) not (?:sure|aware)|\bunknown\b|"
    r"(?:没有|并未|未|不|无)(?:曾|被)?(?:提到|提及|说明|记载|描述|介绍|涉及|包含|定义|列出|相关)|不存在|没有(?:这样|该|此|名为)|"
    r"无法(?:回答|确定|得知)|不知道|不清楚",
    re.IGNORECASE,
)
CORRECTION = re.compile(
    r"\b(?:not|no|never|none|neither|cannot|isn['’]t|doesn['’]t|don['’]t|aren['’]t|wasn['’]t|can['’]t|won['’]t|incorrect|"
    r"wrong|false|mistaken|misconception|rather than|instead|actually|in fact|contrary)\b|"
    r"不|没有|并非|并不|错误|有误|实际上|事实上|而是|相反|误解",
    re.IGNORECASE,
)


def is_refused(answer: str) -> bool:
    return bool(REFUSAL.search(answer))


def is_corrected(answer: str) -> bool:
    return bool(CORRECTION.search(answer[:HEAD]))


def refusal_counts(outputs: Sequence[str], tasks: Sequence[str]) -> list[tuple[int, int]]:
    """For each item (whether it is answered rightly, whether it is one of these questions at all)."""
    counted = []
    for output, task in zip(outputs, tasks, strict=True):
        right = {UNANSWERABLE: is_refused, FALSE_PREMISE: is_corrected}.get(task)
        counted.append((0, 0) if right is None else (int(right(output)), 1))
    return counted
