"""A Modelfile for Ollama, whose templates are in another language than those of tokenizers.

Its template is found by rendering: what the tokenizer writes before and after each message. It is kept only if pieces
put together by it are, character for character, what the tokenizer renders.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.exports.parity import refused
from worker.chat import Messages, end_of_turn_ids, prompt_text

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

FILE = "Modelfile"
SYSTEM, USER, ASSISTANT = ("system", "user", "assistant")
# no template has these
MARKS = {role: f"\u2039{role}\u203a" for role in (SYSTEM, USER, ASSISTANT)}


@dataclass(frozen=True)
class Frame:
    """`around` maps a role to the texts before and after its content; `opening` stands where no system message is.

    `answer` follows the last question.
    """

    around: dict[str, tuple[str, str]]
    opening: str
    answer: str


def find_frame(tokenizer: "PreTrainedTokenizerBase") -> Frame:
    """The texts around messages, from two renderings. A text between two messages may be given to either of them."""
    turns = [{"role": role, "content": MARKS[role]} for role in (SYSTEM, USER, ASSISTANT, USER)]
    start, rest = prompt_text(tokenizer, turns).split(MARKS[SYSTEM])
    before_first, between, answer = rest.split(MARKS[USER])
    before_assistant, before_second = between.split(MARKS[ASSISTANT])
    alone = prompt_text(tokenizer, turns[1:2]).split(MARKS[USER])[0]
    user = common_ending(before_first, before_second, alone)
    return Frame(
        around={
            SYSTEM: (start, before_first.removesuffix(user)),
            USER: (user, ""),
            ASSISTANT: (before_assistant, before_second.removesuffix(user)),
        },
        opening=alone.removesuffix(user),
        answer=answer,
    )


def common_ending(*texts: str) -> str:
    return os.path.commonprefix([text[::-1] for text in texts])[::-1]


def render(frame: Frame, messages: Messages) -> str:
    """A conversation that ends with a question, as Ollama renders it by the template."""
    opening = "" if messages[0]["role"] == SYSTEM else frame.opening
    pieces = (message["content"].join(frame.around[message["role"]]) for message in messages)
    return opening + "".join(pieces) + frame.answer


def checked_frame(tokenizer: "PreTrainedTokenizerBase", conversations: list[Messages]) -> Frame:
    """WorkerFailure `export` when a conversation would be given to the model in another form than in training."""
    try:
        frame = find_frame(tokenizer)
        number = sum(render(frame, one) != prompt_text(tokenizer, one) for one in conversations)
    except ValueError as error:
        raise refused("ollama", "the chat template does not keep the texts of its messages") from error
    if number:
        raise refused("ollama", f"its template renders {number} of {len(conversations)} prompts in another way")
    return frame


def write_ollama(
    tokenizer: "PreTrainedTokenizerBase", conversations: list[Messages], model: Path, folder: Path
) -> None:
    """A Modelfile for a GGUF file beside it; checked on `conversations`, which end with a question each."""
    frame = checked_frame(tokenizer, conversations)
    stops = sorted(tokenizer.decode([token]) for token in end_of_turn_ids(tokenizer))
    lines = [
        f"FROM {os.path.relpath(model, folder)}",
        f'TEMPLATE """{go_template(frame)}"""',
        *(f"PARAMETER stop {json.dumps(stop, ensure_ascii=False)}" for stop in stops),
    ]
    folder.mkdir(parents=True)
    (folder / FILE).write_text("\n".join(lines) + "\n", "utf-8")


def go_template(frame: Frame) -> str:
    """The frame in Go's text/template; texts are string constants, so nothing in them is taken for an action."""

    def text(value: str) -> str:
        return f"{{{{ {json.dumps(value, ensure_ascii=False)} }}}}" if value else ""

    def message(role: str) -> str:
        before, after = frame.around[role]
        return f"{text(before)}{{{{ .Content }}}}{text(after)}"

    return (
        f'{{{{ if ne (index .Messages 0).Role "{SYSTEM}" }}}}{text(frame.opening)}{{{{ end }}}}'
        f'{{{{ range .Messages }}}}{{{{ if eq .Role "{SYSTEM}" }}}}{message(SYSTEM)}'
        f'{{{{ else if eq .Role "{USER}" }}}}{message(USER)}'
        f"{{{{ else }}}}{message(ASSISTANT)}{{{{ end }}}}{{{{ end }}}}{text(frame.answer)}"
    )
