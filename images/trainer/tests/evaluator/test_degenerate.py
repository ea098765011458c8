"""Gibberish is known for what it is, and good answers are not taken for it."""

import pytest

from evaluator.degenerate import faults, repeated_share

ANSWER = "The server listens on port 3000, and `bodyLimit` bounds the body of a request to one mebibyte."
# the kinds of answers that a model gives that was trained on prompts and padding, for thirty epochs on few rows
GIBBERISH = {
    "the same words again and again": "the model is trained on the model is trained on " * 12,
    "one sign": "! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! !",
    "marks of a prompt": "### Response: yes\n### Instruction: say it again\n### Response: yes",
    "broken encoding": "Ã¢â‚¬â„¢ Ã©Â tÃ©Â Ã¢â‚¬Å“ servi Ã¢â‚¬â„¢",
    "nothing": "  \n ",
}


@pytest.mark.parametrize("name", GIBBERISH)
def test_evaluation_13_the_five_samples_are_flagged(name: str) -> None:
    assert faults(GIBBERISH[name], ANSWER, "en")


@pytest.mark.parametrize(
    ("output", "language"),
    [
        (ANSWER, "en"),
        ("Yes.", "en"),
        ("服务器默认监听 3000 端口，请求体不能超过一兆字节，超过时返回错误代码。", "zh"),
        ("```js\napp.get('/a', h)\napp.get('/b', h)\napp.get('/c', h)\n```", "en"),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |", "en"),
        ("- first: one\n- second: two\n- third: three\n- fourth: four", "en"),
    ],
)
def test_evaluation_13_good_answers_are_not(output: str, language: str) -> None:
    reference = output if language == "zh" else ANSWER
    assert faults(output, reference, language) == []


def test_evaluation_13_each_kind_is_told() -> None:
    assert faults("", ANSWER, "en") == ["empty"]
    assert faults("\ufffd\ufffd\ufffd\ufffd ab", ANSWER, "en") == ["garbage"]
    assert faults("这是一个用中文写成的很长的答案没有人这样问过", ANSWER, "en") == ["wrongLanguage"]
    english = "This is an answer in English though it was asked in Chinese"
    assert faults(english, "监听三千端口", "zh") == ["wrongLanguage"]
    assert faults("fine<|im_end|>", ANSWER, "en") == ["templateLeak"]
    assert faults("so [UNK] it is", ANSWER, "en", ["[UNK]"]) == ["templateLeak"]


def test_evaluation_13_what_the_reference_repeats_may_be_repeated() -> None:
    table = "yes no yes no " * 20
    assert repeated_share(table) > 0.9
    assert faults(table, table, "en") == []
