"""Rows that are too long: left out, without their history, or in windows; never cut without being told."""

import pytest
from transformers import AutoTokenizer

from trainer.data.examples import Example
from trainer.data.truncation import fit_rows, windows, without_oldest_turn
from worker.chat import encode_chat
from worker.rows import Row

SYSTEM = {"role": "system", "content": "Answer in one sentence."}


def turns(number, words=10):
    for turn in range(number):
        yield {"role": "user", "content": f"Question {turn}: " + "port " * words}
        yield {"role": "assistant", "content": f"Answer {turn}: " + "listen " * words}


@pytest.fixture(scope="module")
def tokenizer():
    return AutoTokenizer.from_pretrained("/models/tiny")


def rows(*conversations):
    return [Row(str(number), list(messages), "en", None) for number, messages in enumerate(conversations)]


def test_training_8_drop_leaves_long_rows_out_and_counts_them(tokenizer):
    fitted = fit_rows(tokenizer, rows(turns(1), turns(9)), 128, "drop")
    assert [example.row for example in fitted.examples] == ["0"]
    assert fitted.counts() == {"tooLong": 1, "trimmed": 0, "split": 0, "unfit": 0}
    assert fitted.shortest > 128


def test_training_8_trim_history_keeps_system_message_last_question_and_whole_answer(tokenizer):
    conversation = [SYSTEM, *turns(9)]
    fitted = fit_rows(tokenizer, rows(turns(1), conversation, turns(1, words=200)), 128, "trimHistory")
    assert fitted.counts() == {"tooLong": 1, "trimmed": 1, "split": 0, "unfit": 0}
    text = tokenizer.decode(fitted.examples[1].ids)
    assert SYSTEM["content"] in text
    assert conversation[-2]["content"] in text
    assert text.endswith(conversation[-1]["content"] + "<|end|>")
    assert "Question 0" not in text
    assert len(fitted.examples[1].ids) <= 128


def test_the_last_turn_has_no_older_one():
    assert without_oldest_turn([SYSTEM, *turns(1)]) is None
    assert without_oldest_turn([SYSTEM, *turns(2)]) == [SYSTEM, *list(turns(2))[2:]]


def test_training_8_split_trains_every_token_of_every_answer_once(tokenizer):
    long = list(turns(1, words=200))
    fitted = fit_rows(tokenizer, rows(long), 128, "split")
    assert fitted.counts() == {"tooLong": 0, "trimmed": 0, "split": 1, "unfit": 0}
    assert all(len(example.ids) <= 128 for example in fitted.examples)
    encoded = encode_chat(tokenizer, long)
    answer = [token for token, is_answer in zip(encoded.ids, encoded.is_answer, strict=True) if is_answer]
    trained = [
        token
        for example in fitted.examples
        for token, is_trained in zip(example.ids, example.is_trained, strict=True)
        if is_trained
    ]
    assert trained == answer


@pytest.mark.parametrize("length", [17, 64, 65, 100, 257])
def test_windows_have_something_to_read_before_what_they_train(length):
    example = Example("a", list(range(length)), [False] * 3 + [True] * (length - 3))
    cut = windows(example, 64)
    assert [token for w in cut for token, is_trained in zip(w.ids, w.is_trained, strict=True) if is_trained] == list(
        range(3, length)
    )
    assert not any(window.is_trained[0] for window in cut)
