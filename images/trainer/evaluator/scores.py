"""Scores as functions of sums over rows, so that a bootstrap resample costs a sum and no new comparison of texts.

BLEU, chrF and chrF++ are sacrebleu's own corpus scores: its statistics per row, its formula here in arrays (a test
holds both together). Every `score` takes sums of shape (..., k) and gives an array of shape (...).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from evaluator.overlap import tokenizer_name

Array = NDArray[np.float64]

ORDERS = 4
BETA = 2
# chrF++ counts words beside characters, up to two in a row
WORD_ORDERS = {"chrf": 0, "chrfPlusPlus": 2}
# sentence BLEU of characters, which is not to be taken for BLEU
CHARACTER_BLEU = "bleu4_char_llamafactory"


@dataclass(frozen=True)
class Measure:
    """A metric: how it is computed from sums, and how two of its values are compared.

    `is_right_or_wrong`: each item is 0 or 1, so that McNemar's test applies.
    """

    name: str
    score: Callable[[Array], Array]
    is_higher_better: bool = True
    # the unit of a difference: False the metric's own, True the share of the base's value
    is_relative: bool = False
    is_right_or_wrong: bool = False
    # each item is won, lost, or neither, so that the sign test applies
    is_won_or_lost: bool = False

    def difference(self, base: Array, tuned: Array) -> Array:
        return tuned / base - 1 if self.is_relative else tuned - base


def bleu_statistics(outputs: Sequence[str], references: Sequence[Sequence[str]], languages: Sequence[str]) -> Array:
    """Shape (rows, 10): output length, reference length, matches of orders 1 to 4, n-grams of orders 1 to 4.

    Of several references of a row the closest in length counts, and what any of them has, as sacrebleu counts.
    """
    counted = [
        # sacrebleu's own significance test takes them from the same method
        _bleu(tokenizer_name(language))._extract_corpus_statistics([output], [[each] for each in right])[0]
        for output, right, language in zip(outputs, references, languages, strict=True)
    ]
    return np.asarray(counted, dtype=np.float64)


def chrf_statistics(outputs: Sequence[str], references: Sequence[Sequence[str]], name: str = "chrf") -> Array:
    """For each order, 1 to 6 of characters and then those of words, the n-grams of the output, of its best reference,
    and in both.
    """
    metric = CHRF(word_order=WORD_ORDERS[name])
    counted = [
        metric._extract_corpus_statistics([output], [[each] for each in right])[0]
        for output, right in zip(outputs, references, strict=True)
    ]
    return np.asarray(counted, dtype=np.float64)


def corpus_bleu(sums: Array) -> Array:
    """BLEU 0 to 100 with exponential smoothing of orders without a match, as sacrebleu's default."""
    lengths, matches, totals = sums[..., :2], sums[..., 2 : 2 + ORDERS], sums[..., 2 + ORDERS :]
    with np.errstate(divide="ignore", invalid="ignore"):
        brevity = np.exp(np.minimum(0.0, 1 - lengths[..., 1] / lengths[..., 0]))
        smoothing = 2.0 ** np.cumsum(matches == 0, axis=-1)
        precisions = np.where(matches == 0, 1 / smoothing, matches) / totals
        scores = 100 * brevity * np.exp(np.log(precisions).mean(axis=-1))
    return np.where((matches.sum(axis=-1) > 0) & (totals.min(axis=-1) > 0), scores, 0.0)


def corpus_chrf(sums: Array) -> Array:
    """chrF or chrF++, 0 to 100: precision and recall are averaged over the orders that both sides have."""
    shaped = sums.reshape(*sums.shape[:-1], -1, 3)
    hypothesis, reference, matches = shaped[..., 0], shaped[..., 1], shaped[..., 2]
    is_counted = (hypothesis > 0) & (reference > 0)
    orders = np.maximum(is_counted.sum(axis=-1), 1)
    precision = (is_counted * matches / np.maximum(hypothesis, 1)).sum(axis=-1) / orders
    recall = (is_counted * matches / np.maximum(reference, 1)).sum(axis=-1) / orders
    weighted = BETA**2 * precision + recall
    return 100 * (1 + BETA**2) * precision * recall / np.where(weighted > 0, weighted, 1)


def corpus_perplexity(sums: Array) -> Array:
    """exp(negative log likelihood / tokens) from sums of shape (..., 2), in nats."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.exp(sums[..., 0] / sums[..., 1])


def share(sums: Array) -> Array:
    """100 times the first sum over the second, from sums of shape (..., 2): means of items, shares of counts.

    Nothing out of nothing is 0: an answer without names has invented none.
    """
    return 100 * sums[..., 0] / np.where(sums[..., 1] == 0, 1, sums[..., 1])


def bits_per_byte(sums: Array) -> Array:
    """Bits that a byte of the answers takes, from sums of shape (..., 2) in nats and bytes; no tokenizer is in it."""
    return sums[..., 0] / sums[..., 1] / np.log(2)


MEASURES = {
    measure.name: measure
    for measure in (
        Measure("bleu", corpus_bleu),
        Measure("chrf", corpus_chrf),
        Measure("chrfPlusPlus", corpus_chrf),
        Measure(CHARACTER_BLEU, share),
        Measure("rougeL", share),
        Measure("exactMatch", share, is_right_or_wrong=True),
        Measure("f1", share),
        Measure("termRecall", share),
        Measure("inventedSymbols", share, is_higher_better=False),
        Measure("unended", share, is_higher_better=False, is_right_or_wrong=True),
        Measure("codeParses", share, is_right_or_wrong=True),
        Measure("refusals", share, is_right_or_wrong=True),
        Measure("perplexity", corpus_perplexity, is_higher_better=False, is_relative=True),
        Measure("bitsPerByte", bits_per_byte, is_higher_better=False, is_relative=True),
        Measure("winRate", share, is_won_or_lost=True),
        Measure("graded", share),
        Measure("accuracy", share, is_right_or_wrong=True),
    )
}
# of the answers that are written, and of the likelihood of the answer that is asked for
SCORED = ("perplexity", "bitsPerByte")
# of a judge
JUDGED = ("winRate", "graded")
# of benchmarks
GENERAL = ("accuracy",)
GENERATED = tuple(name for name in MEASURES if name not in (*SCORED, *JUDGED, *GENERAL))


def signatures(languages: Sequence[str], references: Sequence[int], metrics: Sequence[str] = ()) -> dict[str, str]:
    """sacrebleu's signatures, which let others compute the same figures; `references` is how many each row has.

    BLEU and chrF stand beside every answer, the others only among the `metrics` that are measured.
    """
    used = sorted({tokenizer_name(language) for language in languages})
    signed = {f"bleu ({name})": _signature(_bleu(name), references) for name in used}
    for name, order in WORD_ORDERS.items():
        if name == "chrf" or name in metrics:
            signed[name] = _signature(CHRF(word_order=order), references)
    if CHARACTER_BLEU in metrics:
        signed[CHARACTER_BLEU] = f"nrefs:1|nltk:sentence_bleu|tok:none|smooth:method3|mean|version:{version('nltk')}"
    return signed


def _bleu(tokenizer: str) -> BLEU:
    return BLEU(tokenize=tokenizer, max_ngram_order=ORDERS, force=True)


def _signature(metric: BLEU | CHRF, references: Sequence[int]) -> str:
    # the number of references is known to the metric only after its first use
    numbers = sorted(set(references))
    metric.corpus_score(
        ["a"] * len(numbers),
        [["a" if place < number else None for number in numbers] for place in range(max(numbers))],
    )
    return str(metric.get_signature())
