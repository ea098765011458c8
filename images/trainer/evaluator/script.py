"""Whether a text is written in another script than it should be: Latin, Cyrillic, Arabic, Chinese."""

import re
import unicodedata
from collections import Counter
from functools import cache

from evaluator.terms import CODE, MARKED

# Chinese, Japanese and Korean mix these
CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
IDEOGRAPHIC = "CJK"
LANGUAGES_OF_CJK = {"zh", "ja", "ko"}
# names and quotations are Latin in every script
LATIN = "LATIN"
LETTER = re.compile(r"[^\W\d_]")
LEAST_LETTERS = 20
LEAST_OWN, MOST_FOREIGN = 0.05, 0.5


def is_other_script(output: str, reference: str, language: str, question: str = "") -> bool:
    """Hardly any letter is of the script of the reference, or most are of one that neither it nor the question has.

    Code and short answers say nothing. The language of a row is Chinese or any other, so that of others the reference
    tells the script.
    """
    written, asked = scripts(output), scripts(reference)
    letters = written.total()
    if letters < LEAST_LETTERS:
        return False
    is_cjk = language.lower().split("-")[0] in LANGUAGES_OF_CJK
    own = IDEOGRAPHIC if is_cjk else max(asked, key=asked.__getitem__, default=LATIN)
    if own != LATIN and own in asked and written[own] < LEAST_OWN * letters:
        return True
    known = {*asked, *scripts(question), own, LATIN}
    foreign = sum(count for script, count in written.items() if script not in known)
    return foreign > MOST_FOREIGN * letters


def scripts(text: str) -> Counter[str]:
    """Letters of a text by script, without code and names of code."""
    prose = MARKED.sub(" ", CODE.sub(" ", text))
    return Counter(map(_script, LETTER.findall(prose)))


@cache
def _script(letter: str) -> str:
    """The first word of the letter's name in Unicode, such as LATIN or CYRILLIC."""
    if CJK.match(letter):
        return IDEOGRAPHIC
    # wide and mathematical letters are those that they stand for
    return unicodedata.name(unicodedata.normalize("NFKC", letter)[0], "").split(" ")[0]
