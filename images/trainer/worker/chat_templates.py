"""The chat template of a tokenizer: its own, or a simple one for base models, which have none."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.failure import WorkerFailure

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

START, END = "<|im_start|>", "<|im_end|>"
CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
# words alone, and the end of the sequence, which every base model knows
ALPACA = (
    "{% for message in messages %}"
    "{% if message['role'] == 'assistant' %}### Response:\n{{ message['content'] }}{{ eos_token }}\n\n"
    "{% elif message['role'] == 'user' %}### Instruction:\n{{ message['content'] }}\n\n"
    "{% else %}{{ message['content'] }}\n\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}### Response:\n{% endif %}"
)


@dataclass(frozen=True)
class ChatTemplate:
    """`name` is "tokenizer", "chatml" or "alpaca"; `marks` are the ids of tokens that the model has yet to learn."""

    name: str
    marks: tuple[int, ...] = ()


def fit_chat_template(tokenizer: "PreTrainedTokenizerBase", asked: str, place: str) -> ChatTemplate:
    """Give `tokenizer` the template that training.chatTemplate asks for: "auto", "chatml" or "alpaca".

    WorkerFailure `model` when there is none and "auto" finds nothing that fits.
    """
    if asked == "auto" and tokenizer.chat_template:
        return ChatTemplate("tokenizer")
    if asked == "chatml":
        return _use_chatml(tokenizer)
    if tokenizer.eos_token is None:
        raise WorkerFailure(
            "model",
            "NoChatTemplate",
            f'the tokenizer of baseModel "{place}" has no chat template and no end-of-sequence token: set '
            'training.chatTemplate to "chatml", which adds tokens of its own, or use an instruct model',
        )
    tokenizer.chat_template = _opening(tokenizer) + ALPACA
    return ChatTemplate("alpaca")


def fit_embeddings(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase") -> None:
    """Make room for added tokens. Their embeddings begin as the mean of all, so the same model gets the same ones."""
    import torch

    known = model.get_input_embeddings().weight.shape[0]
    if len(tokenizer) <= known:
        return
    model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    with torch.no_grad():
        for embeddings in (model.get_input_embeddings(), model.get_output_embeddings()):
            embeddings.weight[known:] = embeddings.weight[:known].mean(dim=0)


def _use_chatml(tokenizer: "PreTrainedTokenizerBase") -> ChatTemplate:
    knows_marks = START in (tokenizer.chat_template or "")
    tokenizer.add_special_tokens({"additional_special_tokens": [START, END]}, replace_extra_special_tokens=False)
    if tokenizer.eos_token is None:
        tokenizer.eos_token = END
    tokenizer.chat_template = _opening(tokenizer) + CHATML
    # also where a base model has the tokens already: it has hardly seen them
    marks = () if knows_marks else tuple(tokenizer.convert_tokens_to_ids([START, END]))
    return ChatTemplate("chatml", marks)


def _opening(tokenizer: "PreTrainedTokenizerBase") -> str:
    """The begin-of-text mark, where the tokenizer itself writes one before every text."""
    is_opened = tokenizer.bos_token is not None and tokenizer("a")["input_ids"][0] == tokenizer.bos_token_id
    return "{{ bos_token }}" if is_opened else ""
