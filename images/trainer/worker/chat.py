"""Chat rows as token ids, with the tokens that the assistant says told from those it is given.

The prompt of each answer is tokenised as it is when a model answers, so a row never trains what no model will see.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from worker.failure import WorkerFailure

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Messages = list[dict[str, str]]

UNFIT = "UnfitChatTemplate"
REMEDY = 'set training.chatTemplate to "chatml" or "alpaca", or use another instruct model'
PROBE: Messages = [
    {"role": "system", "content": "s"},
    {"role": "user", "content": "a"},
    {"role": "assistant", "content": "b"},
    {"role": "user", "content": "c"},
    {"role": "assistant", "content": "d"},
]


@dataclass(frozen=True)
class EncodedChat:
    """`ids` of the row and, of the same length, whether each token is one of an answer or its end of turn."""

    ids: list[int]
    is_answer: list[bool]


def encode_chat(tokenizer: "PreTrainedTokenizerBase", messages: Messages) -> EncodedChat:
    """Encode all turns up to the last answer. WorkerFailure `model` when the template does not keep its prefix."""
    return _encode_turns(tokenizer, _addressed(tokenizer, messages))


def prompt_text(tokenizer: "PreTrainedTokenizerBase", messages: Messages) -> str:
    """The text a model is given to answer: all messages and the mark that the assistant speaks now."""
    return _render(tokenizer, _addressed(tokenizer, messages), True)


def encode_prompt(tokenizer: "PreTrainedTokenizerBase", messages: Messages) -> list[int]:
    """Token ids of `prompt_text`; the template writes the begin-of-text mark itself where the model wants one."""
    return _encode(tokenizer, prompt_text(tokenizer, messages))


def end_of_turn_ids(tokenizer: "PreTrainedTokenizerBase") -> list[int]:
    """The tokens at which generation stops: the end of turn of the template, and the end of the sequence."""
    probe = encode_chat(tokenizer, [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}])
    return sorted({probe.ids[-1], tokenizer.eos_token_id})


def _encode_turns(tokenizer: "PreTrainedTokenizerBase", messages: Messages) -> EncodedChat:
    ids: list[int] = []
    is_answer: list[bool] = []
    said = ""
    for position, message in enumerate(messages):
        if message["role"] != "assistant":
            continue
        prompt = _render(tokenizer, messages[:position], True)
        whole = _render(tokenizer, messages[: position + 1], False)
        if not prompt.startswith(said) or not whole.startswith(prompt):
            raise _unfit("changes earlier turns when an answer is added, so the answer cannot be told from the prompt")
        if ids and not said.endswith(tuple(_marks(tokenizer))):
            raise _unfit("does not end answers by a token, so the tokens of an answer would not begin the next prompt")
        given = ids + _continuation(tokenizer, said, ids, prompt[len(said) :])
        text, mark = _answer(tokenizer, whole[len(prompt) :], message["content"])
        # else no answer would ever learn to end
        end = tokenizer.convert_tokens_to_ids(mark) if mark else tokenizer.eos_token_id
        answer = [*_continuation(tokenizer, prompt, given, text), end]
        is_answer += [False] * (len(given) - len(ids)) + [True] * len(answer)
        ids = given + answer
        said = prompt + text + mark
    return EncodedChat(ids, is_answer)


def _answer(tokenizer: "PreTrainedTokenizerBase", tail: str, content: str) -> tuple[str, str]:
    """Text of an answer and the mark that ends it, from `tail`: all that the template writes after the prompt.

    What follows the mark (a line feed, mostly) belongs to the next prompt. The mark is empty where there is none.
    """
    # templates may strip the content, and write a space before it
    body = next((text for text in (content, content.strip()) if tail.lstrip().startswith(text.lstrip())), None)
    if body is None:
        raise _unfit("rewrites answers")
    begin = tail.find(body.lstrip()) + len(body.lstrip())
    after = tail[begin:]
    mark = next((token for token in _marks(tokenizer) if after.lstrip().startswith(token)), None)
    if mark is None:
        return tail[:begin], ""
    return tail[: begin + after.find(mark)], mark


def _continuation(tokenizer: "PreTrainedTokenizerBase", prompt: str, given: list[int], text: str) -> list[int]:
    """Ids of `text` after the prompt whose ids are `given`; by itself where a token would span both."""
    whole = _encode(tokenizer, prompt + text)
    return whole[len(given) :] if whole[: len(given)] == given else _encode(tokenizer, text)


def _addressed(tokenizer: "PreTrainedTokenizerBase", messages: Messages) -> Messages:
    """The messages, with what the system says in the first question where the template has no place for it."""
    if [message["role"] for message in messages[:2]] != ["system", "user"]:
        return messages
    return _folded(messages) if _folds_system(tokenizer, tokenizer.chat_template) else messages


@lru_cache(maxsize=8)
def _folds_system(tokenizer: "PreTrainedTokenizerBase", _template: str) -> bool:
    """Templates refuse system messages (Gemma 2), or move them to the newest question (Mistral)."""
    try:
        _encode_turns(tokenizer, PROBE)
    except WorkerFailure:
        return True
    return False


def _folded(messages: Messages) -> Messages:
    system, first, *rest = messages
    return [{"role": first["role"], "content": f"{system['content']}\n\n{first['content']}"}, *rest]


def _marks(tokenizer: "PreTrainedTokenizerBase") -> list[str]:
    """All special tokens, the longest first, since one may begin with another."""
    added = {token.content for token in tokenizer.added_tokens_decoder.values() if token.special}
    return sorted(added | set(tokenizer.all_special_tokens), key=len, reverse=True)


def _render(tokenizer: "PreTrainedTokenizerBase", messages: Messages, is_answer_next: bool) -> str:
    from jinja2 import TemplateError

    try:
        return tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=is_answer_next)
    except TemplateError as error:
        raise _unfit(f'refuses a row with "{error}"') from error


def _encode(tokenizer: "PreTrainedTokenizerBase", text: str) -> list[int]:
    return tokenizer.encode(text, add_special_tokens=False)


def _unfit(what: str) -> WorkerFailure:
    return WorkerFailure("model", UNFIT, f"the chat template of baseModel {what}: {REMEDY}")
