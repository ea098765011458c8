"""The loss counts what the assistant says and its end of turn: with the real templates, and with awkward ones."""

import pytest
from transformers import AutoTokenizer

from tests.trainer.builders import row
from trainer.data.batches import IGNORED, Collator
from trainer.data.examples import Example, check_mask, check_share, render_mask_preview
from trainer.data.rows import Rows, encode_training_rows
from trainer.data.truncation import fit_rows
from worker.chat import encode_chat, encode_prompt, end_of_turn_ids
from worker.failure import WorkerFailure
from worker.rows import Row

TURNS = [
    {"role": "user", "content": "What is `listen`?"},
    {"role": "assistant", "content": "It opens a port.\n"},
    {"role": "user", "content": "Which one?"},
    {"role": "assistant", "content": "3000"},
]
# in the manner of Llama 3, whose end of turn is not the end of the sequence
HEADERS = (
    "{{ bos_token }}{% for m in messages %}<|turn|>{{ m['role'] }}\n\n{{ m['content'] | trim }}<|stop|>{% endfor %}"
    "{% if add_generation_prompt %}<|turn|>assistant\n\n{% endif %}"
)
# in the manner of models that know no marks at all
PLAIN = (
    "{% for m in messages %}{{ '### Answer: ' if m['role'] == 'assistant' else '### Question: ' }}{{ m['content'] }}\n"
    "{% endfor %}{% if add_generation_prompt %}### Answer: {% endif %}"
)
# drops the answers of earlier turns when a new one is added
FORGETFUL = (
    "{% for m in messages %}{% if m['role'] != 'assistant' or loop.last %}<|turn|>{{ m['content'] }}<|end|>{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}<|turn|>{% endif %}"
)


@pytest.fixture(params=["tiny", "smollm2-135m"])
def tokenizer(request):
    return AutoTokenizer.from_pretrained(f"/models/{request.param}")


@pytest.fixture
def tiny():
    return AutoTokenizer.from_pretrained("/models/tiny")


def spans(tokenizer, messages):
    """Decoded runs of answer tokens."""
    encoded = encode_chat(tokenizer, messages)
    found, run = [], []
    for token, is_answer in zip([*encoded.ids, -1], [*encoded.is_answer, False], strict=True):
        if is_answer:
            run.append(token)
        elif run:
            found.append(tokenizer.decode(run))
            run = []
    return found


def test_answers_of_all_turns_are_trained_with_their_end_of_turn(tokenizer):
    end = tokenizer.decode(end_of_turn_ids(tokenizer)[-1:])
    assert spans(tokenizer, TURNS) == [f"It opens a port.\n{end}", f"3000{end}"]


def test_a_row_is_what_the_model_sees_when_it_answers(tokenizer):
    encoded = encode_chat(tokenizer, TURNS)
    prompt = encode_prompt(tokenizer, TURNS[:-1])
    assert encoded.ids[: len(prompt)] == prompt
    assert tokenizer.decode(encoded.ids) == tokenizer.apply_chat_template(TURNS, tokenize=False).removesuffix("\n")


def test_an_end_of_turn_other_than_the_end_of_sequence_is_trained(tiny):
    tiny.add_special_tokens({"additional_special_tokens": ["<|stop|>"]})
    tiny.chat_template = HEADERS
    assert spans(tiny, TURNS) == ["It opens a port.<|stop|>", "3000<|stop|>"]
    assert set(end_of_turn_ids(tiny)) == {tiny.convert_tokens_to_ids("<|stop|>"), tiny.eos_token_id}


def test_a_template_without_marks_gets_the_end_of_sequence(tiny):
    tiny.chat_template = PLAIN
    assert spans(tiny, TURNS[2:]) == ["3000<|end|>"]


def test_a_template_that_drops_earlier_answers_is_refused(tiny):
    tiny.chat_template = FORGETFUL
    with pytest.raises(WorkerFailure, match="changes earlier turns"):
        encode_chat(tiny, TURNS)


def test_the_end_of_turn_is_trained_and_padding_is_not_though_both_are_one_token(tokenizer):
    tokenizer.pad_token = tokenizer.eos_token
    rows = [Row(str(number), TURNS[:2] * (number + 1), "en", None) for number in range(2)]
    examples = fit_rows(tokenizer, rows, 512, "drop").examples
    labels = Collator(tokenizer.pad_token_id)(examples)["labels"]
    short = len(examples[0].ids)
    assert labels[0, short - 1] == tokenizer.eos_token_id
    assert (labels[0, short:] == IGNORED).all()
    assert labels.shape[1] > short


def test_a_row_that_is_too_long_is_left_out_whole(tiny):
    rows = [Row(str(number), row(number)["messages"], "en", None) for number in range(4)]
    rows.append(Row("long", [*TURNS[:1], {"role": "assistant", "content": "port " * 300}], "en", None))
    fitted = encode_training_rows(tiny, Rows(rows, {}), 128)
    assert fitted.counts()["tooLong"] == 1
    assert [example.row for example in fitted.examples] == ["0", "1", "2", "3"]


def test_a_row_without_a_trained_token_is_refused():
    with pytest.raises(WorkerFailure, match="no trained token") as failed:
        check_mask(Example("b", [1, 2], [False, False]))
    assert (failed.value.code, failed.value.reason) == (11, "EmptyMask")
    assert [field for field in ("datasetRef", "training.maxLength") if field not in failed.value.message] == []


def test_a_mask_that_covers_nearly_all_is_refused():
    with pytest.raises(WorkerFailure, match="99.0%") as failed:
        check_share([Example("a", list(range(100)), [False] + [True] * 99)])
    assert failed.value.reason == "UnfitMask"
    assert [field for field in ("datasetRef", "training.chatTemplate") if field not in failed.value.message] == []


def test_the_preview_shows_what_is_trained(tiny):
    examples = fit_rows(tiny, [Row("a", TURNS, "en", None)], 512, "drop").examples
    assert "[trained]It opens a port.\n<|end|>[/trained]" in render_mask_preview(tiny, examples)
