"""BLEU, chrF and chrF++ equal sacrebleu's corpus scores, on the whole and on every resample."""

import numpy as np
import pytest
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from evaluator import scores
from evaluator.overlap import character_bleu

REFERENCES = [
    "The server listens on port 3000 by default.",
    "Use `reply.code(statusCode)` to set the status code of the response.",
    "Fastify validates the body against the JSON schema of the route.",
    "Plugins are registered with register.",
    "Yes.",
    "Hooks run in the order in which they were added to the instance.",
]
OUTPUTS = {
    "near": [
        "The server listens on port 3000 by default .",
        "Use reply.code to set the status of the response.",
        "Fastify validates the body against the schema of the route.",
        "Plugins are registered.",
        "Yes.",
        "Hooks run in the order of registration.",
    ],
    "equal": REFERENCES,
    "far": ["I do not know.", "", "the the the the the the", "no idea what this means", "No.", "Sorry!"],
    "empty": [""] * 6,
    "short": ["The", "Use", "Fastify", "Plugins", "Yes", "Hooks"],
    "wordy": ["The server " * 40 + text for text in REFERENCES],
}
CHINESE = ["服务器默认监听 3000 端口。", "使用 `reply.code` 设置响应的状态码。", "插件通过 register 注册。"]
CHINESE_OUTPUTS = ["服务器监听 3000 端口。", "使用 reply.code 设置状态码", "我不知道。"]


def alone(references: list[str]) -> list[list[str]]:
    return [[reference] for reference in references]


def bleu(outputs: list[str], references: list[str], tokenizer: str = "13a") -> float:
    return BLEU(tokenize=tokenizer).corpus_score(outputs, [references]).score


@pytest.mark.parametrize("name", OUTPUTS)
def test_bleu_is_sacrebleus_corpus_score(name: str) -> None:
    statistics = scores.bleu_statistics(OUTPUTS[name], alone(REFERENCES), ["en"] * 6)
    assert scores.corpus_bleu(statistics.sum(axis=0)) == pytest.approx(bleu(OUTPUTS[name], REFERENCES), abs=1e-9)


@pytest.mark.parametrize("name", OUTPUTS)
def test_chrf_is_sacrebleus_corpus_score(name: str) -> None:
    statistics = scores.chrf_statistics(OUTPUTS[name], alone(REFERENCES))
    expected = CHRF().corpus_score(OUTPUTS[name], [REFERENCES]).score
    assert scores.corpus_chrf(statistics.sum(axis=0)) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_resample_scores_as_sacrebleu_scores_its_texts(name: str) -> None:
    rows = np.random.default_rng(1).integers(0, 6, size=(50, 6))
    by_bleu = scores.corpus_bleu(scores.bleu_statistics(OUTPUTS[name], alone(REFERENCES), ["en"] * 6)[rows].sum(axis=1))
    by_chrf = scores.corpus_chrf(scores.chrf_statistics(OUTPUTS[name], alone(REFERENCES))[rows].sum(axis=1))
    for drawn, one, other in zip(rows, by_bleu, by_chrf, strict=True):
        outputs, references = [OUTPUTS[name][i] for i in drawn], [REFERENCES[i] for i in drawn]
        assert one == pytest.approx(bleu(outputs, references), abs=1e-9)
        assert other == pytest.approx(CHRF().corpus_score(outputs, [references]).score, abs=1e-9)


def test_chinese_rows_are_split_by_sacrebleus_chinese_tokenizer() -> None:
    statistics = scores.bleu_statistics(CHINESE_OUTPUTS, alone(CHINESE), ["zh", "zh-CN", "ZH"])
    expected = bleu(CHINESE_OUTPUTS, CHINESE, "zh")
    assert scores.corpus_bleu(statistics.sum(axis=0)) == pytest.approx(expected, abs=1e-9)
    assert expected != pytest.approx(bleu(CHINESE_OUTPUTS, CHINESE), abs=1)


def test_the_signatures_name_every_tokenizer_that_was_used() -> None:
    signed = scores.signatures(["en", "zh", "en"], [1, 1, 1])
    assert list(signed) == ["bleu (13a)", "bleu (zh)", "chrf"]
    assert signed["bleu (zh)"].startswith("nrefs:1|case:mixed|eff:no|tok:zh|smooth:exp|version:")
    assert signed["chrf"].startswith("nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:")


# further right answers, of some rows none, of others up to three
FURTHER = [
    ["It listens on port 3000.", "By default the server listens on port 3000."],
    [],
    ["The body is validated against the schema of the route.", "Fastify checks bodies by JSON schema.", "By schema."],
    ["With register.", "Plugins are registered."],
    ["Yes, it does."],
    ["Hooks run in the order of their registration."],
]
SEVERAL = [[first, *further] for first, further in zip(REFERENCES, FURTHER, strict=True)]


def streams(references: list[list[str]]) -> list[list[str | None]]:
    """As sacrebleu takes them: the first ones of all rows, the second ones, and so on."""
    most = max(map(len, references))
    return [[row[place] if place < len(row) else None for row in references] for place in range(most)]


@pytest.mark.parametrize("name", OUTPUTS)
def test_evaluation_3_several_references_score_as_sacrebleu_scores_them(name: str) -> None:
    outputs = OUTPUTS[name]
    by_bleu = scores.bleu_statistics(outputs, SEVERAL, ["en"] * 6)
    by_chrf = scores.chrf_statistics(outputs, SEVERAL)
    rows = np.random.default_rng(2).integers(0, 6, size=(30, 6))
    for drawn in [np.arange(6), *rows]:
        texts, references = [outputs[i] for i in drawn], streams([SEVERAL[i] for i in drawn])
        expected = BLEU().corpus_score(texts, references).score
        assert scores.corpus_bleu(by_bleu[drawn].sum(axis=0)) == pytest.approx(expected, abs=1e-9)
        expected = CHRF().corpus_score(texts, references).score
        assert scores.corpus_chrf(by_chrf[drawn].sum(axis=0)) == pytest.approx(expected, abs=1e-9)


def test_evaluation_3_golden_bleu_of_several_references() -> None:
    # the example of sacrebleu's documentation: two streams of references
    outputs = ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."]
    first = ["The dog bit the man.", "It was not unexpected.", "The man bit him first."]
    second = ["The dog had bit the man.", "No one was surprised.", "The man had bitten the dog."]
    statistics = scores.bleu_statistics(outputs, list(zip(first, second, strict=True)), ["en"] * 3)
    assert scores.corpus_bleu(statistics.sum(axis=0)) == pytest.approx(48.530827, abs=1e-6)
    assert scores.corpus_bleu(scores.bleu_statistics(outputs, alone(first), ["en"] * 3).sum(axis=0)) < 48


def test_evaluation_3_chinese_references_are_several_too() -> None:
    several = [[first, "服务器监听 3000 端口。"] for first in CHINESE]
    statistics = scores.bleu_statistics(CHINESE_OUTPUTS, several, ["zh"] * 3)
    expected = BLEU(tokenize="zh").corpus_score(CHINESE_OUTPUTS, streams(several)).score
    assert scores.corpus_bleu(statistics.sum(axis=0)) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("counts", "told"), [([1, 1], "1"), ([3, 3], "3"), ([1, 3, 2], "var")])
def test_evaluation_3_the_signature_tells_how_many_references_there_are(counts: list[int], told: str) -> None:
    signed = scores.signatures(["en"], counts)
    assert [text.split("|")[0] for text in signed.values()] == [f"nrefs:{told}", f"nrefs:{told}"]


def test_perplexity_weighs_tokens_and_not_rows() -> None:
    rows = np.array([[2.0, 1.0], [3.0, 9.0]])
    assert scores.corpus_perplexity(rows.sum(axis=0)) == pytest.approx(np.exp(0.5))


def test_shares_count_pairs_and_nothing_out_of_nothing_is_zero() -> None:
    assert scores.share(np.array([[3.0, 4.0], [0.0, 0.0]])) == pytest.approx([75.0, 0.0])


def test_evaluation_4_bits_per_byte_know_no_tokenizer() -> None:
    assert scores.bits_per_byte(np.array([8 * np.log(2), 4.0])) == pytest.approx(2.0)


def chrf_plus_plus(outputs: list[str], references: list[list[str | None]]) -> float:
    return CHRF(word_order=2).corpus_score(outputs, references).score


@pytest.mark.parametrize("name", OUTPUTS)
def test_evaluation_3_chrf_plus_plus_is_sacrebleus_corpus_score(name: str) -> None:
    outputs = OUTPUTS[name]
    one = scores.chrf_statistics(outputs, alone(REFERENCES), "chrfPlusPlus")
    several = scores.chrf_statistics(outputs, SEVERAL, "chrfPlusPlus")
    rows = np.random.default_rng(3).integers(0, 6, size=(30, 6))
    for drawn in [np.arange(6), *rows]:
        texts = [outputs[i] for i in drawn]
        expected = chrf_plus_plus(texts, [[REFERENCES[i] for i in drawn]])
        assert scores.corpus_chrf(one[drawn].sum(axis=0)) == pytest.approx(expected, abs=1e-9)
        expected = chrf_plus_plus(texts, streams([SEVERAL[i] for i in drawn]))
        assert scores.corpus_chrf(several[drawn].sum(axis=0)) == pytest.approx(expected, abs=1e-9)


def test_evaluation_3_chrf_plus_plus_counts_words_too() -> None:
    # nearly all characters are right, and no word
    outputs = ["Theserver listenson port3000 bydefault."]
    plain = scores.corpus_chrf(scores.chrf_statistics(outputs, alone(REFERENCES[:1])).sum(axis=0))
    with_words = scores.corpus_chrf(scores.chrf_statistics(outputs, alone(REFERENCES[:1]), "chrfPlusPlus").sum(axis=0))
    assert with_words == pytest.approx(chrf_plus_plus(outputs, [REFERENCES[:1]]), abs=1e-9)
    assert with_words != pytest.approx(plain, abs=1)
    chinese = scores.chrf_statistics(CHINESE_OUTPUTS, alone(CHINESE), "chrfPlusPlus")
    expected = chrf_plus_plus(CHINESE_OUTPUTS, [CHINESE])
    assert scores.corpus_chrf(chinese.sum(axis=0)) == pytest.approx(expected, abs=1e-9)


def test_evaluation_3_what_is_measured_has_its_signature() -> None:
    signed = scores.signatures(["en"], [1, 2], ["perplexity", "chrfPlusPlus", "bleu4_char_llamafactory"])
    assert list(signed) == ["bleu (13a)", "chrf", "chrfPlusPlus", "bleu4_char_llamafactory"]
    assert signed["chrfPlusPlus"].startswith("nrefs:var|case:mixed|eff:yes|nc:6|nw:2|space:no|version:")
    assert signed["bleu4_char_llamafactory"].startswith(
        "nrefs:1|nltk:sentence_bleu|tok:none|smooth:method3|mean|version:"
    )


# what ComputeSimilarity of LLaMA-Factory (commit ff6d4d1) gives of these texts, with nltk 3.8.1 and 3.10.4 alike
OF_LLAMA_FACTORY = {
    "near": [95.853, 63.3481, 90.6411, 52.4481, 100.0, 34.2492],
    "equal": [100.0] * 6,
    "far": [1.2727, 0.0, 8.632, 4.5749, 16.1865, 0.0012],
    "empty": [0.0] * 6,
    "short": [0.0001, 0.0, 0.0291, 1.3764, 60.2529, 0.0008],
    "wordy": [8.6158, 13.1275, 12.4359, 7.4621, 0.5002, 12.4359],
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_evaluation_3_golden_bleu_4_of_characters_is_llama_factorys(name: str) -> None:
    values = [100 * value for value in character_bleu(OUTPUTS[name], REFERENCES)]
    assert values == pytest.approx(OF_LLAMA_FACTORY[name], abs=1e-4)
    figure = scores.MEASURES["bleu4_char_llamafactory"].score(np.array([[sum(values) / 100, 6.0]]))
    assert figure == pytest.approx([np.mean(OF_LLAMA_FACTORY[name])], abs=1e-4)


def test_evaluation_3_golden_bleu_4_of_chinese_characters_is_llama_factorys() -> None:
    values = [100 * value for value in character_bleu(CHINESE_OUTPUTS, CHINESE)]
    assert values == pytest.approx([74.9715, 50.8206, 0.9691], abs=1e-4)
    # it is another figure than BLEU, and has another name
    assert np.mean(values) != pytest.approx(bleu(CHINESE_OUTPUTS, CHINESE, "zh"), abs=5)
