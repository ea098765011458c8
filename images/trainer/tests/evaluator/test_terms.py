"""Terms are found by their form alone."""

import pytest

from evaluator.terms import invented_counts, known_names, names, term_counts, terms


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Set `bodyLimit` to 1048576 bytes.", {"bodyLimit", "1048576"}),
        ("reply.code sets it, as NODE_ENV does", {"reply", "code", "NODE_ENV"}),
        ("It is a server. It listens.", set()),
        ("Node and Express are words", set()),
        ("```js\nfastify.listen({ port: 3000 })\n```", {"fastify", "listen", "port", "3000"}),
        ("version 5.12.8 of max_param_length", {"5.12.8", "max_param_length"}),
        ("onRequest and TypeBox", {"onRequest", "TypeBox"}),
    ],
)
def test_evaluation_5_terms_are_names_of_code_and_numbers(text: str, found: set[str]) -> None:
    assert terms(text) == found


def test_evaluation_5_an_answer_may_name_a_term_without_backticks() -> None:
    assert term_counts(["the bodyLimit option, 1 MiB"], ["`bodyLimit` defaults to 1048576"]) == [(1, 2)]
    assert term_counts(["anything"], ["It depends."]) == [(0, 0)]


def test_evaluation_5_a_name_that_no_document_has_is_invented() -> None:
    known = known_names(["Call `reply.code(200)`.", "fastify.listen"])
    outputs = ["Use `reply.code` or `reply.setStatus`", "Use `myHandler` and `fastify.listen`", "no code at all"]
    prompts = ["?", "what does myHandler do?", "?"]
    assert invented_counts(outputs, prompts, known) == [(1, 3), (0, 3), (0, 0)]


def test_evaluation_5_names_leave_numbers_and_short_variables_out() -> None:
    assert names("`i` and `a1` of `count` 42") == {"count"}


def test_evaluation_5_names_and_numbers_end_where_chinese_begins() -> None:
    answer, reference = "用bodyLimit设置上限，默认监听3000端口", "使用 bodyLimit，监听 3000 端口"
    assert terms(answer) == terms(reference) == {"bodyLimit", "3000"}
    assert term_counts([answer], [reference]) == [(2, 2)]
    # the next word is no part of a name that the documents know
    assert invented_counts([answer], [""], known_names([reference])) == [(0, 1)]
