"""How far one answer says what its reference says, item by item: ROUGE-L, exact match, token F1 and BLEU of characters,
each 0 to 1.

Of several references of an item the one counts that the answer is closest to.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache

from sacrebleu.metrics.bleu import BLEU

# languages without spaces between words; sacrebleu's word tokenizer would take a sentence for one word
TOKENIZERS = {"zh": "zh", "ja": "char", "th": "char"}
ARTICLES = re.compile(r"\b(a|an|the)\b")


def tokenizer_name(language: str) -> str:
    """sacrebleu's tokenizer for a row's language, such as `zh` or `en-GB`."""
    return TOKENIZERS.get(language.lower().split("-")[0], "13a")


def rouge_l(outputs: Sequence[str], references: Sequence[Sequence[str]], languages: Sequence[str]) -> list[float]:
    """F-measure of the longest common subsequence, by rouge-score; words as sacrebleu splits the row's language."""
    return [
        max(_rouge(tokenizer_name(language)).score(reference, output)["rougeL"].fmeasure for reference in right)
        for output, right, language in zip(outputs, references, languages, strict=True)
    ]


def exact_match(outputs: Sequence[str], references: Sequence[Sequence[str]], languages: Sequence[str]) -> list[float]:
    """1 where both are the same but for case, punctuation, articles and spaces, as SQuAD compares."""
    del languages
    pairs = zip(outputs, references, strict=True)
    return [float(normalised(output) in {normalised(reference) for reference in right}) for output, right in pairs]


def token_f1(outputs: Sequence[str], references: Sequence[Sequence[str]], languages: Sequence[str]) -> list[float]:
    """F1 of the bags of tokens, after the same normalisation."""
    return [
        max(_f1(_tokens(normalised(output), language), _tokens(normalised(each), language)) for each in right)
        for output, right, language in zip(outputs, references, languages, strict=True)
    ]


def character_bleu(outputs: Sequence[str], references: Sequence[str]) -> list[float]:
    """BLEU-4 of the characters of one sentence, by nltk, as LLaMA-Factory computes it: against one reference alone."""
    from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

    smoothing = SmoothingFunction().method3
    pairs = zip(outputs, references, strict=True)
    return [float(sentence_bleu([list(right)], list(output), smoothing_function=smoothing)) for output, right in pairs]


def normalised(text: str) -> str:
    """Lower case, without punctuation (of any script), English articles and doubled spaces."""
    letters = "".join(sign for sign in text.lower() if not unicodedata.category(sign).startswith("P"))
    return " ".join(ARTICLES.sub(" ", letters).split())


def _tokens(text: str, language: str) -> list[str]:
    return _tokenizer(tokenizer_name(language))(text).split()


def _f1(said: list[str], asked: list[str]) -> float:
    if not said or not asked:
        return float(said == asked)
    common = sum((Counter(said) & Counter(asked)).values())
    return 2 * common / (len(said) + len(asked))


@cache
def _tokenizer(name: str) -> Callable[[str], str]:
    return BLEU(tokenize=name).tokenizer


class _Words:
    """The tokenizer that rouge-score asks for."""

    def __init__(self, name: str) -> None:
        self._split = _tokenizer(name)

    def tokenize(self, text: str) -> list[str]:
        return self._split(text.lower()).split()


@cache
def _rouge(name: str):
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(["rougeL"], tokenizer=_Words(name))
