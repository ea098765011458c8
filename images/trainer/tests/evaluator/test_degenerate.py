"""Gibberish is known for what it is, and good answers are not taken for it."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from evaluator.degenerate import faults, repeated_share
from evaluator.items import Item
from evaluator.samples import Sample
from evaluator.significance import mcnemar_p
from evaluator.table import Answers, Pair, compare_groups, correct
from tests.evaluator.test_evaluate import lines, run, table

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


RUSSIAN = "Сервер слушает порт 3000, а `bodyLimit` ограничивает тело запроса."
ARABIC = "يستمع الخادم إلى المنفذ الافتراضي ويحد من حجم نص الطلب"
NAMED = (
    "Порт задаёт server.listen.port, а тело запроса ограничивает serverBodyLimitOfRequests или max_request_body_size, "
    "смотри ещё connectionTimeoutOfTheServer."
)


@pytest.mark.parametrize(
    ("output", "reference", "question", "is_wrong"),
    [
        (RUSSIAN, ANSWER, "Which port?", True),
        (ARABIC, ANSWER, "Which port?", True),
        # names of code are no words of a language
        (NAMED, ANSWER, "Which port?", True),
        (NAMED, RUSSIAN, "Какой порт?", False),
        (RUSSIAN, RUSSIAN, "Какой порт?", False),
        (ARABIC, ARABIC, "ما هو المنفذ؟", False),
        (ANSWER, RUSSIAN, "Какой порт?", True),
        (ARABIC, RUSSIAN, "Какой порт?", True),
        (RUSSIAN, "npm", "Какой менеджер пакетов?", False),
        (RUSSIAN, "`npm`", "Какой менеджер пакетов?", False),
        ("npm install typescript eslint prettier", "npm install", "Какая команда?", False),
        ("`сервер слушает порт три тысячи`, as told", ANSWER, "Which port?", False),
        (f"{ANSWER} «Сервер слушает порт»", ANSWER, "Which port?", False),
    ],
)
def test_evaluation_13_an_answer_in_another_script_is_none(
    output: str, reference: str, question: str, is_wrong: bool
) -> None:
    # rows that are not Chinese are called English
    assert faults(output, reference, "en", question=question) == (["wrongLanguage"] if is_wrong else [])


@pytest.mark.parametrize(
    ("output", "is_wrong"),
    [
        ("bodyLimit设置请求体的上限，超过时返回错误代码，keepAliveTimeoutOfTheServer设置连接的超时时间", False),
        ("用 fastify.register 注册 plugin，再用 decorate request and reply with values", False),
        (RUSSIAN, True),
        ("ｂｏｄｙ ｌｉｍｉｔ ｓｅｔｓ ｔｈｅ ｌｉｍｉｔ", True),
    ],
)
def test_evaluation_13_chinese_may_be_full_of_latin_names(output: str, is_wrong: bool) -> None:
    reference = "使用 `bodyLimit` 设置请求体的上限"
    assert faults(output, reference, "zh", question="怎么设置上限？") == (["wrongLanguage"] if is_wrong else [])


def test_evaluation_13_what_the_reference_repeats_may_be_repeated() -> None:
    table = "yes no yes no " * 20
    assert repeated_share(table) > 0.9
    assert faults(table, table, "en") == []


def ending(model: str, ended: list[bool]) -> list[Sample]:
    return [Sample(str(n), "test", model, "default", False, ANSWER, 8, each, None, 3) for n, each in enumerate(ended)]


def test_evaluation_13_a_model_that_stops_no_more_is_worse() -> None:
    base, tuned = [True] * 18 + [False] * 2, [False] * 12 + [True] * 8
    messages = [{"role": "user", "content": "Which port?"}, {"role": "assistant", "content": ANSWER}]
    items = [Item(str(number), "test", "en", messages) for number in range(20)]
    group = Answers("test", "default", items, {"base": ending("base", base), "tuned": ending("tuned", tuned)})
    pairs = [Pair("base", "tuned", ("unended",)), Pair("tuned", "base", ("unended",))]
    worse, better = correct(compare_groups([group], pairs, frozenset(), 500, 42))
    assert (worse.comparison.base, worse.comparison.tuned, worse.comparison.delta) == (10.0, 60.0, 50.0)
    assert (worse.verdict, better.verdict) == ("Worse", "Better")
    assert worse.comparison.p == pytest.approx(mcnemar_p(~np.array(base), ~np.array(tuned)))
    wins = worse.comparison.wins
    assert (wins.better, wins.worse, wins.same) == (2, 12, 6)


def test_evaluation_13_answers_that_do_not_end_are_a_figure_of_every_model(
    evaluation: dict[str, Any], publish_adapter: Callable[..., dict[str, str]]
) -> None:
    settings = [
        {"name": name, "maxInputTokens": 512, "maxNewTokens": most} for name, most in (("one", 1), ("room", 96))
    ]
    other = {
        "name": "other",
        "adapter": publish_adapter(2.0),
        "dataset": evaluation["dataset"],
        "baseModel": {"builtIn": "tiny"},
    }
    result, folder = run(evaluation | {"metrics": ["unended"], "settings": settings, "candidates": [other]})
    report = json.loads((folder / "report.json").read_text())
    outputs = {(row["split"], row["setting"], row["model"]): row for row in report["outputs"]}
    shares = {key: 100 * row["unended"] / row["samples"] for key, row in outputs.items()}
    assert {row["candidate"] for row in report["results"]} == {"tuned", "other"}
    for row in report["results"]:
        place = (row["split"], row["setting"])
        assert row["metric"] == "unended"
        assert row["base"] == pytest.approx(shares[*place, "base"])
        assert row["tuned"] == pytest.approx(shares[*place, row["candidate"]])
        assert row["delta"] == pytest.approx(row["tuned"] - row["base"])
    # one token is no answer
    assert {row["tuned"] for row in table(result) if row["setting"] == "one"} == {100.0}
    said = [
        each["tuned"]["hasEnded"] for each in lines(folder) if each["setting"] == "room" and each["split"] == "test"
    ]
    [row] = [row for row in table(result) if (row["split"], row["setting"]) == ("test", "room")]
    assert row["tuned"] == pytest.approx(100 * said.count(False) / len(said), rel=1e-4)
    assert "| other | test | room | unended |" in (folder / "report.md").read_text()
