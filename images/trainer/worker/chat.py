"""Chat rows as token ids, with the tokens that the assistant says told from those it is given.

Prompt and answer are tokenised apart, as they are when a model answers: so the prompt's tokens are always a prefix of
the whole row, and an answer never begins inside a token of the prompt.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.failure import WorkerFailure

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Messages = list[dict[str, str]]


@dataclass(frozen=True)
class EncodedChat:
    """`ids` of the row and, of the same length, whether each token is one of an answer or its end of turn."""

    ids: list[int]
    is_answer: list[bool]


def encode_chat(tokenizer: "PreTrainedTokenizerBase", messages: Messages) -> EncodedChat:
    """Encode all turns up to the last answer. WorkerFailure `model` when the template does not keep its prefix."""
    ids: list[int] = []
    is_answer: list[bool] = []
    said = ""
    for position, message in enumerate(messages):
        if message["role"] != "assistant":
            continue
        prompt = prompt_text(tokenizer, messages[:position])
        whole = _render(tokenizer, messages[: position + 1], False)
        if not prompt.startswith(said) or not whole.startswith(prompt):
            raise WorkerFailure(
                "model",
                "UnfitChatTemplate",
                "the chat template of baseModel changes earlier turns when an answer is added, so the answer cannot be "
                "told from the prompt: use another instruct model",
            )
        answer = answer_ids(tokenizer, whole[len(prompt) :], message["content"])
        given = _encode(tokenizer, prompt[len(said) :])
        ids += given + answer.ids
        is_answer += [False] * len(given) + [True] * len(answer.ids)
        said = prompt + answer.text
    return EncodedChat(ids, is_answer)


def prompt_text(tokenizer: "PreTrainedTokenizerBase", messages: Messages) -> str:
    """The text a model is given to answer: all messages and the mark that the assistant speaks now."""
    return _render(tokenizer, messages, True)


def encode_prompt(tokenizer: "PreTrainedTokenizerBase", messages: Messages) -> list[int]:
    """Token ids of `prompt_text`; the template writes the begin-of-text mark itself where the model wants one."""
    return _encode(tokenizer, prompt_text(tokenizer, messages))


@dataclass(frozen=True)
class Answer:
    """`text` is what the ids stand for; it ends with the end-of-turn mark where the template writes one."""

    text: str
    ids: list[int]


def answer_ids(tokenizer: "PreTrainedTokenizerBase", tail: str, content: str) -> Answer:
    """Ids of an answer and its end of turn, from `tail`: all that the template writes after the prompt.

    What follows the end-of-turn mark (a line feed, mostly) belongs to the next prompt. A template without such a mark
    gets the tokenizer's end-of-sequence token, else no answer would ever learn to end.
    """
    # templates may strip the content
    body = content if tail.startswith(content) else content.strip()
    if not tail.startswith(body):
        raise WorkerFailure(
            "model", "UnfitChatTemplate", "the chat template of baseModel rewrites answers: use another instruct model"
        )
    ids = _encode(tokenizer, body)
    after = tail[len(body) :]
    end = next((token for token in _marks(tokenizer) if after.startswith(token)), None)
    if end is None:
        return Answer(body, [*ids, tokenizer.eos_token_id])
    return Answer(body + end, [*ids, tokenizer.convert_tokens_to_ids(end)])


def end_of_turn_ids(tokenizer: "PreTrainedTokenizerBase") -> list[int]:
    """The tokens at which generation stops: the end of turn of the template, and the end of the sequence."""
    probe = encode_chat(tokenizer, [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}])
    return sorted({probe.ids[-1], tokenizer.eos_token_id})


def _marks(tokenizer: "PreTrainedTokenizerBase") -> list[str]:
    """All special tokens, the longest first, since one may begin with another."""
    added = {token.content for token in tokenizer.added_tokens_decoder.values() if token.special}
    return sorted(added | set(tokenizer.all_special_tokens), key=len, reverse=True)


def _render(tokenizer: "PreTrainedTokenizerBase", messages: Messages, is_answer_next: bool) -> str:
    return tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=is_answer_next)


def _encode(tokenizer: "PreTrainedTokenizerBase", text: str) -> list[int]:
    return tokenizer.encode(text, add_special_tokens=False)
