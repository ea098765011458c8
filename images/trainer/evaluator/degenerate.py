"""Answers that are none: empty, going in circles, garbage, in the wrong script, or full of the template's marks."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from evaluator.script import CJK, LEAST_LETTERS, LETTER, is_other_script

KINDS = ("empty", "repetitive", "garbage", "wrongLanguage", "templateLeak")

# of n words, or signs in a script without spaces
REPEATED_ORDER = 4
# texts have repeated groups too, lists above all
MOST_REPEATED = 0.5
LEAST_GROUPS = 8
# one short unit again and again, such as "!!!!!!!!" or "ha ha ha ha"
SAME_UNIT = re.compile(r"(.{1,12}?)\1{9,}", re.DOTALL)
ODD_SHARE = 0.1
REPLACEMENT = "\ufffd"
# UTF-8 read as Latin-1
MOJIBAKE = re.compile(r"[ÃÂâ][\x80-\xbf€™œž‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜š›Ÿ¡-¿]")
# marks of the families of chat templates, for a model whose own ones were cut off or never learnt
TEMPLATE = re.compile(
    r"<\|[a-z_]+\|>|\[/?INST\]|<</?SYS>>|</?s>|<(?:start|end)_of_turn>|^#{2,3} ?(?:Instruction|Response|Input):",
    re.MULTILINE,
)


def faults(
    output: str, reference: str, language: str, marks: Sequence[str] = (), question: str = ""
) -> list[str]:
    """Which of KINDS an answer is; `marks` are the special tokens of the tokenizer in use."""
    if not output.strip():
        return ["empty"]
    found = {
        "repetitive": is_repetitive(output, reference),
        "garbage": is_garbage(output),
        "wrongLanguage": is_other_script(output, reference, language, question),
        "templateLeak": bool(TEMPLATE.search(output))
        and not TEMPLATE.search(reference)
        or any(mark in output for mark in marks if mark and mark not in reference),
    }
    return [kind for kind in KINDS if found.get(kind)]


def is_repetitive(output: str, reference: str = "") -> bool:
    """Most groups of four words occur again, or one unit stands ten times in a row; a reference may do so too."""
    if SAME_UNIT.search(output) and not SAME_UNIT.search(reference):
        return True
    return repeated_share(output) > max(MOST_REPEATED, repeated_share(reference))


def repeated_share(text: str) -> float:
    """Share of the groups of four words that are a repetition of an earlier one; 0 for short texts."""
    words = text.split() if not CJK.search(text) else [sign for sign in text if not sign.isspace()]
    groups = [tuple(words[start : start + REPEATED_ORDER]) for start in range(len(words) - REPEATED_ORDER + 1)]
    if len(groups) < LEAST_GROUPS:
        return 0.0
    return 1 - len(Counter(groups)) / len(groups)


def is_garbage(output: str) -> bool:
    """Signs that no text has: replacement and control characters, private use, UTF-8 read as Latin-1."""
    odd = sum(_is_odd(sign) for sign in output) + 2 * len(MOJIBAKE.findall(output))
    letters = len(LETTER.findall(output))
    signs = sum(not sign.isspace() for sign in output)
    has_no_words = signs >= LEAST_LETTERS and letters < ODD_SHARE * signs and not any(sign.isdigit() for sign in output)
    return odd > ODD_SHARE * len(output) or has_no_words


def _is_odd(sign: str) -> bool:
    return sign == REPLACEMENT or (unicodedata.category(sign) in {"Cc", "Co", "Cn", "Cs"} and sign not in "\n\r\t")
