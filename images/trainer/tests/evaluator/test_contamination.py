"""A question whose words were trained proves nothing."""

from evaluator.contamination import contaminated, runs
from evaluator.items import Item
from worker.rows import Row

SENTENCE = "the body limit of a route may be set by an option of that route and not only by one of the server"


def item(split: str, question: str, answer: str, name: str = "1") -> Item:
    return Item(name, split, "en", [{"role": "user", "content": question}, {"role": "assistant", "content": answer}])


def trained(*texts: str) -> list[Row]:
    messages = [[{"role": "user", "content": "Why?"}, {"role": "assistant", "content": text}] for text in texts]
    return [Row(str(number), said, "en", None) for number, said in enumerate(messages)]


def test_evaluation_14_a_planted_item_is_found_whatever_its_case_and_punctuation() -> None:
    planted = item("test", "What may be set?", f"Well, {SENTENCE.upper()}!", "planted")
    clean = item(
        "test", "What may be set?", "A limit of the body of the requests of one route alone, and of others not"
    )
    assert contaminated([planted, clean], trained(f"It says: {SENTENCE}.")) == {("test", "planted")}


def test_evaluation_14_twelve_words_alike_are_no_proof() -> None:
    words = SENTENCE.split()
    assert contaminated([item("test", "Why?", " ".join(words[:12]))], trained(SENTENCE)) == set()
    assert contaminated([item("test", "Why?", " ".join(words[:13]))], trained(SENTENCE)) == {("test", "1")}


def test_evaluation_14_the_answer_of_a_trained_fact_is_trained_on_purpose() -> None:
    recall = item("recall", "In other words, what may be set?", SENTENCE)
    assert contaminated([recall], trained(SENTENCE)) == set()
    assert contaminated([item("recall", f"Is it true that {SENTENCE}?", "Yes.")], trained(SENTENCE)) == {
        ("recall", "1")
    }


def test_evaluation_14_chinese_is_compared_by_signs() -> None:
    text = "路由的请求体大小限制可以由该路由的选项设置，而不仅仅由服务器的选项设置"
    assert contaminated([item("test", "为什么？", text[5:30])], trained(text)) == {("test", "1")}
    assert contaminated([item("test", "为什么？", text[5:20])], trained(text)) == set()


def test_evaluation_14_runs_are_as_many_as_fit() -> None:
    assert len(list(runs(SENTENCE))) == len(SENTENCE.split()) - 12
    assert list(runs("too short")) == []


def asking(*questions: str) -> list[Row]:
    messages = [[{"role": "user", "content": text}, {"role": "assistant", "content": "80."}] for text in questions]
    return [Row(str(number), said, "en", None) for number, said in enumerate(messages)]


def test_evaluation_14_a_short_question_that_was_trained_is_found_whatever_its_answer() -> None:
    rows = asking("服务器默认监听哪个端口？", "Which port does it use?")
    for split in ("test", "recall"):
        same = item(split, "服务器默认监听哪个端口", "8080", "same")
        other = item(split, "服务器默认监听哪个地址？", "80", "other")
        assert contaminated([same, other], rows) == {(split, "same")}
        assert contaminated([item(split, "which PORT does it use", "It is 80.")], rows) == {(split, "1")}
        assert contaminated([item(split, "Which port does that use?", "80.")], rows) == set()
    # so few signs are asked by chance
    assert contaminated([item("test", "为什么？", "80")], asking("为什么？")) == set()


def test_evaluation_14_a_short_question_within_a_conversation_is_none_of_its_own() -> None:
    turns = ["How is the body limit set?", "And for one route alone?"]
    said = [{"role": role, "content": text} for turn in turns for role, text in (("user", turn), ("assistant", "So."))]
    whole = Item("whole", "test", "en", said)
    last = item("test", turns[1], "So.", "last")
    first = item("test", turns[0], "So.", "first")
    assert contaminated([whole, last, first], [Row("0", said, "en", None)]) == {("test", "whole"), ("test", "first")}
    assert contaminated([whole], asking(turns[1])) == set()
