"""Tokenizers in the shapes of well-known families: marks, templates, ways to split text, small vocabularies."""

from functools import cache

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

TEXTS = (
    "What is listen? It opens a port. Which one? It listens on port 3000 by default.",
    "You are a helpful assistant. Answer in one sentence. ### Instruction: ### Response: user model assistant system",
    "const app = fastify({ logger: true })\n\nawait app.listen({ port: 3000 })\n",
)

QWEN2_5 = (
    "{%- if messages[0]['role'] == 'system' %}{{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}"
    "{%- else %}{{- '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}{%- endif %}"
    "{%- for message in messages %}{%- if message.role != 'system' or not loop.first %}"
    "{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}{%- endif %}{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
)
LLAMA_3 = (
    "{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + "
    "message['role'] + '<|end_header_id|>\n\n' + message['content'] | trim + '<|eot_id|>' %}"
    "{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"
)
GEMMA_2 = (
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}"
    "{% endif %}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
    "{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}"
    "{% endif %}{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}"
)
# moves what the system says to the newest question
MISTRAL_7B = (
    "{%- if messages[0]['role'] == 'system' %}{%- set system_message = messages[0]['content'] %}"
    "{%- set loop_messages = messages[1:] %}{%- else %}{%- set loop_messages = messages %}{%- endif %}"
    "{{- bos_token }}{%- for message in loop_messages %}{%- if message['role'] == 'user' %}"
    "{%- if loop.last and system_message is defined %}{{- '[INST] ' + system_message + '\n\n' + message['content'] + "
    "'[/INST]' }}{%- else %}{{- '[INST] ' + message['content'] + '[/INST]' }}{%- endif %}"
    "{%- elif message['role'] == 'assistant' %}{{- ' ' + message['content'] | trim + eos_token }}{%- endif %}"
    "{%- endfor %}"
)
DEEPSEEK_V3 = (
    "{% set ns = namespace(system_prompt='') %}{%- for message in messages %}{%- if message['role'] == 'system' %}"
    "{% set ns.system_prompt = message['content'] %}{%- endif %}{%- endfor %}{{ bos_token }}{{ ns.system_prompt }}"
    "{%- for message in messages %}{%- if message['role'] == 'user' %}{{'<｜User｜>' + message['content']}}{%- endif %}"
    "{%- if message['role'] == 'assistant' %}{{'<｜Assistant｜>' + message['content'] + '<｜end▁of▁sentence｜>'}}"
    "{%- endif %}{%- endfor %}{% if add_generation_prompt %}{{'<｜Assistant｜>'}}{% endif %}"
)


@cache
def tokenizer_like(family: str) -> PreTrainedTokenizerFast:
    """A tokenizer in the shape of "qwen2.5", "llama-3", "gemma", "mistral", "deepseek" or "opt"."""
    return FAMILIES[family]()


def qwen2_5() -> PreTrainedTokenizerFast:
    marks = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    return tokenizer(byte_level(marks), QWEN2_5, eos_token=marks[2], pad_token=marks[0])


def llama_3() -> PreTrainedTokenizerFast:
    marks = ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
    backend = opened(byte_level(marks), marks[0])
    return tokenizer(backend, LLAMA_3, bos_token=marks[0], eos_token=marks[4])


def gemma() -> PreTrainedTokenizerFast:
    marks = ["<pad>", "<eos>", "<bos>", "<start_of_turn>", "<end_of_turn>"]
    backend = opened(spaces_as_marks(marks, is_opened_by_space=False), marks[2])
    return tokenizer(backend, GEMMA_2, bos_token=marks[2], eos_token=marks[1], pad_token=marks[0])


def mistral() -> PreTrainedTokenizerFast:
    marks = ["<unk>", "<s>", "</s>", "[INST]", "[/INST]"]
    backend = opened(spaces_as_marks(marks, is_opened_by_space=True), marks[1])
    return tokenizer(backend, MISTRAL_7B, bos_token=marks[1], eos_token=marks[2])


def deepseek() -> PreTrainedTokenizerFast:
    marks = ["<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜User｜>", "<｜Assistant｜>"]
    backend = opened(byte_level(marks), marks[0])
    return tokenizer(backend, DEEPSEEK_V3, bos_token=marks[0], eos_token=marks[1], pad_token=marks[1])


def opt() -> PreTrainedTokenizerFast:
    """A base model: no template; one token begins and ends texts."""
    marks = ["<s>", "<pad>", "</s>", "<unk>"]
    return tokenizer(
        opened(byte_level(marks), marks[2]), None, bos_token=marks[2], eos_token=marks[2], pad_token="<pad>"
    )


FAMILIES = {
    "qwen2.5": qwen2_5,
    "llama-3": llama_3,
    "gemma": gemma,
    "mistral": mistral,
    "deepseek": deepseek,
    "opt": opt,
}


def tokenizer(backend: Tokenizer, template: str | None, **marks: str) -> PreTrainedTokenizerFast:
    made = PreTrainedTokenizerFast(tokenizer_object=backend, **marks)
    made.chat_template = template
    return made


def byte_level(marks: list[str]) -> Tokenizer:
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    return trained(backend, marks, pre_tokenizers.ByteLevel.alphabet())


def spaces_as_marks(marks: list[str], *, is_opened_by_space: bool) -> Tokenizer:
    """In the manner of SentencePiece: a space is written as a sign of the vocabulary, also before the first word."""
    backend = Tokenizer(models.BPE(byte_fallback=True, fuse_unk=True))
    if is_opened_by_space:
        backend.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
        backend.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    else:
        backend.normalizer = normalizers.Replace(" ", "▁")
        backend.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    return trained(backend, [*marks, *(f"<0x{byte:02X}>" for byte in range(256))], [], specials=len(marks))


def trained(backend: Tokenizer, marks: list[str], alphabet: list[str], specials: int | None = None) -> Tokenizer:
    trainer = trainers.BpeTrainer(
        vocab_size=700, special_tokens=marks[:specials], initial_alphabet=alphabet, show_progress=False
    )
    backend.train_from_iterator([*TEXTS, " ".join(marks[specials or len(marks) :])], trainer)
    backend.add_special_tokens([AddedToken(mark, special=True, normalized=False) for mark in marks[:specials]])
    return backend


def opened(backend: Tokenizer, mark: str) -> Tokenizer:
    """Write `mark` before every text."""
    backend.post_processor = processors.TemplateProcessing(
        single=f"{mark} $A", special_tokens=[(mark, backend.token_to_id(mark))]
    )
    return backend
