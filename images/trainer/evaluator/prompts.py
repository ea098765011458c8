"""Items as token ids under one setting, cut and batched alike for every model."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluator.items import Item
from worker.chat import encode_chat
from worker.failure import WorkerFailure

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True)
class Setting:
    """Lengths in tokens."""

    name: str
    max_input: int
    max_new: int


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
    return [_encode(tokenizer, item, room, positions) for item in items]


def _encode(tokenizer: "PreTrainedTokenizerBase", item: Item, room: int, positions: int) -> Prompt:
    chat = encode_chat(tokenizer, item.messages)
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
