"""Which tokens are trained with the templates of well-known families, and with those for models without one."""

import pytest

from tests.trainer.families import FAMILIES, tokenizer_like
from trainer.data.batches import IGNORED, Collator
from trainer.data.examples import render_mask_preview
from trainer.data.truncation import fit_rows
from worker.chat import encode_chat, encode_prompt, end_of_turn_ids, prompt_text
from worker.chat_templates import fit_chat_template
from worker.failure import WorkerFailure
from worker.rows import Row

TURNS = [
    {"role": "user", "content": "What is listen?"},
    {"role": "assistant", "content": "It opens a port."},
    {"role": "user", "content": "Which one?"},
    {"role": "assistant", "content": "3000"},
]
SYSTEM = {"role": "system", "content": "Answer in one sentence."}
# what is trained of TURNS
SPANS = {
    "qwen2.5": ["It opens a port.<|im_end|>", "3000<|im_end|>"],
    "llama-3": ["It opens a port.<|eot_id|>", "3000<|eot_id|>"],
    "gemma": ["It opens a port.<end_of_turn>", "3000<end_of_turn>"],
    "mistral": [" It opens a port.</s>", " 3000</s>"],
    "deepseek": ["It opens a port.<｜end▁of▁sentence｜>", "3000<｜end▁of▁sentence｜>"],
    "opt": ["It opens a port.</s>", "3000</s>"],
}


@pytest.fixture(params=FAMILIES)
def family(request):
    return request.param


@pytest.fixture
def tokenizer(family):
    fitted = FAMILIES[family]()
    fit_chat_template(fitted, "auto", family)
    return fitted


def spans(tokenizer, messages):
    """Decoded runs of trained tokens."""
    encoded = encode_chat(tokenizer, messages)
    runs, run = [], []
    for token, is_answer in zip([*encoded.ids, -1], [*encoded.is_answer, False], strict=True):
        if is_answer:
            run.append(token)
        elif run:
            runs.append(tokenizer.decode(run))
            run = []
    return runs


def test_training_7_answers_of_all_turns_and_their_ends_are_trained_and_nothing_else(family, tokenizer):
    assert spans(tokenizer, TURNS) == SPANS[family]


def test_training_7_each_prompt_is_what_a_model_is_given(tokenizer):
    for messages in (TURNS, TURNS[:2], [SYSTEM, *TURNS]):
        encoded = encode_chat(tokenizer, messages)
        prompt = encode_prompt(tokenizer, messages[:-1])
        assert encoded.ids[: len(prompt)] == prompt
        assert not encoded.is_answer[len(prompt) - 1]
        assert encoded.is_answer[len(prompt)]


def test_training_7_begin_of_text_is_written_once_and_is_not_trained(tokenizer):
    encoded = encode_chat(tokenizer, TURNS)
    if tokenizer.bos_token is None or tokenizer.bos_token == tokenizer.eos_token:
        pytest.skip("the family has no begin-of-text token of its own")
    assert encoded.ids.count(tokenizer.bos_token_id) == 1
    assert encoded.ids[0] == tokenizer.bos_token_id
    assert not encoded.is_answer[0]


def test_training_7_what_the_system_says_stands_before_the_first_question_whatever_the_template_does(tokenizer):
    text = prompt_text(tokenizer, [SYSTEM, *TURNS[:3]])
    assert text.count(SYSTEM["content"]) == 1
    assert text.index(SYSTEM["content"]) < text.index(TURNS[0]["content"])
    assert len(spans(tokenizer, [SYSTEM, *TURNS])) == 2


def test_training_7_generation_stops_at_what_ends_a_trained_answer(tokenizer):
    assert encode_chat(tokenizer, TURNS).ids[-1] in end_of_turn_ids(tokenizer)


def test_training_7_the_preview_shows_trained_spans(tokenizer, family):
    examples = fit_rows(tokenizer, [Row("a", TURNS, "en", None)], 512, "drop").examples
    preview = render_mask_preview(tokenizer, examples)
    assert [f"[trained]{span}[/trained]" in preview for span in SPANS[family]] == [True, True]
    assert preview.count("[trained]") == 2


def test_training_7_padding_is_masked_by_position_so_that_it_may_be_the_end_of_turn(tokenizer):
    ends = tokenizer.convert_ids_to_tokens(encode_chat(tokenizer, TURNS).ids[-1])
    tokenizer.pad_token = ends
    rows = [Row("short", TURNS[:2], "en", None), Row("long", TURNS, "en", None)]
    examples = fit_rows(tokenizer, rows, 512, "drop").examples
    batch = Collator(tokenizer.pad_token_id)(examples)
    short = len(examples[0].ids)
    assert batch["labels"][0, short - 1] == tokenizer.pad_token_id
    assert (batch["labels"][0, short:] == IGNORED).all()
    assert (batch["attention_mask"][0, short:] == 0).all()


def test_training_6_a_base_model_gets_words_as_marks_and_no_new_token():
    tokenizer = FAMILIES["opt"]()
    size = len(tokenizer)
    template = fit_chat_template(tokenizer, "auto", "opt")
    assert (template.name, template.marks, len(tokenizer)) == ("alpaca", (), size)
    assert prompt_text(tokenizer, [SYSTEM, *TURNS[:1]]) == (
        "</s>Answer in one sentence.\n\n### Instruction:\nWhat is listen?\n\n### Response:\n"
    )


def test_training_6_chatml_adds_two_tokens_that_are_to_be_learnt():
    tokenizer = FAMILIES["opt"]()
    size = len(tokenizer)
    template = fit_chat_template(tokenizer, "chatml", "opt")
    assert (template.name, template.marks, len(tokenizer)) == ("chatml", (size, size + 1), size + 2)
    assert spans(tokenizer, TURNS) == ["It opens a port.<|im_end|>", "3000<|im_end|>"]


def test_training_6_chatml_of_a_model_that_speaks_it_learns_no_token():
    tokenizer = FAMILIES["qwen2.5"]()
    assert fit_chat_template(tokenizer, "chatml", "qwen").marks == ()


def test_training_6_without_template_and_end_of_sequence_nothing_fits_but_chatml():
    tokenizer = FAMILIES["opt"]()
    tokenizer.eos_token = None
    with pytest.raises(WorkerFailure, match=r'training\.chatTemplate to "chatml"') as failed:
        fit_chat_template(tokenizer, "auto", "opt")
    assert (failed.value.code, failed.value.reason) == (12, "NoChatTemplate")
    fit_chat_template(tokenizer, "chatml", "opt")
    assert tokenizer.eos_token == "<|im_end|>"


# an answer ends by the end of the sequence, but the next prompt has none after it
WITHOUT_ENDS = (
    "{% for m in messages %}{{ 'A: ' if m['role'] == 'assistant' else 'Q: ' }}{{ m['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}A: {% endif %}"
)


def test_training_7_a_prompt_whose_tokens_do_not_begin_the_row_is_refused():
    tokenizer = tokenizer_like("opt")
    tokenizer.chat_template = WITHOUT_ENDS
    with pytest.raises(WorkerFailure, match=r"training\.chatTemplate") as failed:
        fit_rows(tokenizer, [Row("a", TURNS, "en", None)], 512, "drop")
    assert failed.value.reason == "UnfitChatTemplate"


def test_training_7_one_odd_row_of_two_hundred_is_left_out_and_counted():
    tokenizer = tokenizer_like("llama-3")
    odd = Row("odd", [TURNS[0]], "en", None)
    fitted = fit_rows(tokenizer, [*(Row(str(number), TURNS, "en", None) for number in range(199)), odd], 512, "drop")
    assert (len(fitted.examples), fitted.counts()["unfit"]) == (199, 1)


def test_training_7_more_odd_rows_end_the_run():
    tokenizer = tokenizer_like("llama-3")
    odd = Row("odd", [TURNS[0]], "en", None)
    with pytest.raises(WorkerFailure, match='row "odd" has no trained token'):
        fit_rows(tokenizer, [*(Row(str(number), TURNS, "en", None) for number in range(50)), odd], 512, "drop")


def test_known_mistake_4_prompt_and_padding_are_not_trained_and_every_answer_ends(tokenizer):
    rows = [Row("short", TURNS[:2], "en", None), Row("long", TURNS, "en", None)]
    examples = fit_rows(tokenizer, rows, 512, "drop").examples
    tokenizer.pad_token = tokenizer.eos_token
    batch = Collator(tokenizer.pad_token_id)(examples)
    # the mistake: labels are the input
    assert (batch["labels"] != batch["input_ids"]).float().mean() > 0.3
    for example, labels in zip(examples, batch["labels"].tolist(), strict=True):
        trained = [label for label in labels if label != IGNORED]
        assert len(trained) == sum(example.is_trained)
        assert trained[-1] in end_of_turn_ids(tokenizer)
