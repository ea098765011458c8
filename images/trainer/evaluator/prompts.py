"""Items as token ids under one setting, cut and batched alike for every model."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evaluator.items import Item
from worker.chat import Messages, encode_chat
from worker.failure import WorkerFailure

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase


CLOSED_BOOK, WITH_DOCUMENT = "ClosedBook", "WithDocument"


@dataclass(frozen=True)
class Setting:
    """Lengths in tokens, and whether the model is shown the passages that the answer stands in."""

    name: str
    max_input: int
    max_new: int
    context: str = CLOSED_BOOK

    @staticmethod
    def of(value: dict[str, Any]) -> "Setting":
        """A setting of an input."""
        return Setting(value["name"], value["maxInputTokens"], value["maxNewTokens"], value.get("context", CLOSED_BOOK))

    def decoding(self) -> dict[str, Any]:
        """What an answer depends on."""
        return {"method": "greedy", "maxInputTokens": self.max_input, "maxNewTokens": self.max_new}

    def messages(self, item: Item) -> Messages:
        """The conversation as a model is given it, with the reference at its end."""
        if self.context == CLOSED_BOOK or not item.evidence:
            return item.messages
        *before, question, reference = item.messages
        passages = "\n\n".join(dict.fromkeys(item.evidence))
        shown = f"Answer by this document.\n\n<document>\n{passages}\n</document>\n\n{question['content']}"
        return [*before, {"role": question["role"], "content": shown}, reference]


@dataclass(frozen=True)
class Prompt:
    """`ids` are what a model is given, `answer` is the reference with its end of turn."""

    item: Item
    ids: list[int]
    answer: list[int]
    is_cut: bool


def encode_items(
    tokenizer: "PreTrainedTokenizerBase", items: list[Item], setting: Setting, positions: int
) -> list[Prompt]:
    """Encode items for a model of so many `positions`. A prompt that is too long loses its beginning.

    WorkerFailure `config` when the setting leaves no room for a prompt.
    """
    room = min(setting.max_input, positions - setting.max_new)
    if room < 1:
        raise WorkerFailure(
            "config",
            "ContextTooShort",
            f'settings "{setting.name}": maxNewTokens {setting.max_new} fills all {positions} positions of baseModel',
        )
    return [_encode(tokenizer, item, setting.messages(item), room, positions) for item in items]


def _encode(tokenizer: "PreTrainedTokenizerBase", item: Item, messages: Messages, room: int, positions: int) -> Prompt:
    chat = encode_chat(tokenizer, messages)
    # the last answer begins after the last token that is given
    start = len(chat.ids) - chat.is_answer[::-1].index(False)
    ids = chat.ids[:start][-room:]
    return Prompt(item, ids, chat.ids[start:][: positions - len(ids)], is_cut=start > room)


def batches(prompts: list[Prompt], size: int) -> list[list[Prompt]]:
    """Prompts of about one length together, the longest first, so that memory runs out at once or never."""
    ordered = sorted(prompts, key=lambda prompt: (-len(prompt.ids), prompt.item.split, prompt.item.id))
    return [ordered[start : start + size] for start in range(0, len(ordered), size)]


def pad_left(rows: list[list[int]], pad: int, device: "torch.device") -> tuple["torch.Tensor", "torch.Tensor"]:
    """Token ids and attention mask of shape (rows, longest row), filled on the left, where answers do not grow."""
    import torch

    longest = max(map(len, rows))
    ids = torch.tensor([[pad] * (longest - len(row)) + row for row in rows], device=device)
    mask = torch.tensor([[0] * (longest - len(row)) + [1] * len(row) for row in rows], device=device)
    return ids, mask


def positions_of(mask: "torch.Tensor") -> "torch.Tensor":
    """Position of each token within its own row, whatever the padding before it."""
    return (mask.cumsum(-1) - 1).clamp(min=0)
