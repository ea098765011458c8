"""BLEU and chrF equal sacrebleu's corpus scores, on the whole and on every resample."""

import numpy as np
import pytest
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from evaluator import scores

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


def bleu(outputs: list[str], references: list[str], tokenizer: str = "13a") -> float:
    return BLEU(tokenize=tokenizer).corpus_score(outputs, [references]).score


@pytest.mark.parametrize("name", OUTPUTS)
def test_bleu_is_sacrebleus_corpus_score(name: str) -> None:
    statistics = scores.bleu_statistics(OUTPUTS[name], REFERENCES, ["en"] * 6)
    assert scores.corpus_bleu(statistics.sum(axis=0)) == pytest.approx(bleu(OUTPUTS[name], REFERENCES), abs=1e-9)


@pytest.mark.parametrize("name", OUTPUTS)
def test_chrf_is_sacrebleus_corpus_score(name: str) -> None:
    statistics = scores.chrf_statistics(OUTPUTS[name], REFERENCES)
    expected = CHRF().corpus_score(OUTPUTS[name], [REFERENCES]).score
    assert scores.corpus_chrf(statistics.sum(axis=0)) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_resample_scores_as_sacrebleu_scores_its_texts(name: str) -> None:
    rows = np.random.default_rng(1).integers(0, 6, size=(50, 6))
    by_bleu = scores.corpus_bleu(scores.bleu_statistics(OUTPUTS[name], REFERENCES, ["en"] * 6)[rows].sum(axis=1))
    by_chrf = scores.corpus_chrf(scores.chrf_statistics(OUTPUTS[name], REFERENCES)[rows].sum(axis=1))
    for drawn, one, other in zip(rows, by_bleu, by_chrf, strict=True):
        outputs, references = [OUTPUTS[name][i] for i in drawn], [REFERENCES[i] for i in drawn]
        assert one == pytest.approx(bleu(outputs, references), abs=1e-9)
        assert other == pytest.approx(CHRF().corpus_score(outputs, [references]).score, abs=1e-9)


def test_chinese_rows_are_split_by_sacrebleus_chinese_tokenizer() -> None:
    statistics = scores.bleu_statistics(CHINESE_OUTPUTS, CHINESE, ["zh", "zh-CN", "ZH"])
    expected = bleu(CHINESE_OUTPUTS, CHINESE, "zh")
    assert scores.corpus_bleu(statistics.sum(axis=0)) == pytest.approx(expected, abs=1e-9)
    assert expected != pytest.approx(bleu(CHINESE_OUTPUTS, CHINESE), abs=1)


def test_the_signatures_name_every_tokenizer_that_was_used() -> None:
    signed = scores.signatures(["en", "zh", "en"])
    assert list(signed) == ["bleu (13a)", "bleu (zh)", "chrf"]
    assert signed["bleu (zh)"].startswith("nrefs:1|case:mixed|eff:no|tok:zh|smooth:exp|version:")
    assert signed["chrf"].startswith("nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:")


def test_perplexity_weighs_tokens_and_not_rows() -> None:
    rows = np.array([[2.0, 1.0], [3.0, 9.0]])
    assert scores.corpus_perplexity(rows.sum(axis=0)) == pytest.approx(np.exp(0.5))


def test_shares_count_pairs_and_nothing_out_of_nothing_is_zero() -> None:
    assert scores.share(np.array([[3.0, 4.0], [0.0, 0.0]])) == pytest.approx([75.0, 0.0])


def test_evaluation_4_bits_per_byte_know_no_tokenizer() -> None:
    assert scores.bits_per_byte(np.array([8 * np.log(2), 4.0])) == pytest.approx(2.0)
