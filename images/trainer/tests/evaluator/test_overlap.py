"""ROUGE-L equals rouge-score; exact match and F1 compare as SQuAD does."""

import pytest
from rouge_score.rouge_scorer import RougeScorer

from evaluator.overlap import exact_match, rouge_l, token_f1

REFERENCE = "Fastify validates the body against the schema of the route"


@pytest.mark.parametrize("output", ["", REFERENCE, "the schema validates", "Fastify checks the body against a schema"])
def test_evaluation_3_rouge_l_is_rouge_scores(output: str) -> None:
    expected = RougeScorer(["rougeL"]).score(REFERENCE, output)["rougeL"].fmeasure
    assert rouge_l([output], [[REFERENCE]], ["en"]) == pytest.approx([expected])


def test_evaluation_3_chinese_is_compared_sign_by_sign() -> None:
    output, reference = "服务器监听 3000 端口", "服务器默认监听 3000 端口"
    assert RougeScorer(["rougeL"]).score(reference, output)["rougeL"].fmeasure == 1.0
    # 8 of 8 units stand in the 10 of the reference, in its order
    assert rouge_l([output], [[reference]], ["zh"]) == pytest.approx([2 * 8 / 18])


@pytest.mark.parametrize(
    ("output", "is_same"),
    [("The port is 3000.", 1.0), ("port is 3000", 1.0), ("PORT is  3000!", 1.0), ("port is 3001", 0.0), ("", 0.0)],
)
def test_evaluation_3_an_exact_match_looks_at_words_alone(output: str, is_same: float) -> None:
    assert exact_match([output], [["the port is 3000"]], ["en"]) == [is_same]


def test_evaluation_3_f1_counts_shared_tokens_once_each() -> None:
    assert token_f1(["port port 3000"], [["port 3000 tcp"]], ["en"]) == pytest.approx([2 / 3])
    assert token_f1(["", "x"], [[""], [""]], ["en", "en"]) == [1.0, 0.0]
    assert token_f1(["监听端口"], [["监听"]], ["zh"]) == pytest.approx([2 * 2 / 6])


def test_evaluation_3_of_several_references_the_closest_counts() -> None:
    right = ["the server listens on port 80", "port 3000", "it is three thousand"]
    outputs = ["Port 3000", "port 3000 tcp", "a server listens"]
    languages, several = ["en"] * 3, [right] * 3
    for score in (rouge_l, exact_match, token_f1):
        each = [score(outputs, [[one]] * 3, languages) for one in right]
        assert score(outputs, several, languages) == [max(of) for of in zip(*each, strict=True)]
    assert exact_match(outputs, several, languages) == [1.0, 0.0, 0.0]
    scorer = RougeScorer(["rougeL"])
    expected = [scorer.score_multi(right, output)["rougeL"].fmeasure for output in outputs]
    assert rouge_l(outputs, several, languages) == pytest.approx(expected)
