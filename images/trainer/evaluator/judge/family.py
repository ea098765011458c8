"""Whether a judge may like its own words: it is of the family of a model that answers, or that wrote the questions."""

import re

FAMILIES = {
    "qwen": r"qwen|qwq",
    "llama": r"llama",
    "gpt": r"gpt|\bo[1-9]\b|davinci",
    "claude": r"claude",
    "deepseek": r"deepseek",
    "mistral": r"mistral|mixtral|ministral",
    "gemini": r"gemini|gemma",
    "phi": r"\bphi-?\d",
    "smollm": r"smollm",
    "glm": r"glm|zhipu",
    "yi": r"\byi-\d",
    "baichuan": r"baichuan",
    "internlm": r"internlm",
    "falcon": r"falcon",
    "kimi": r"kimi|moonshot",
}


def family_of(model: str) -> str | None:
    """Family of a model by its name; of a distilled one that of its teacher and of its base, here the first found."""
    name = model.lower()
    return next((family for family, pattern in FAMILIES.items() if re.search(pattern, name)), None)


def family_warning(judge: str, others: dict[str, str]) -> str | None:
    """What to say of a judge; `others` are names of models by what they do, such as "the base model"."""
    own = family_of(judge)
    related = [f'{what} "{name}"' for what, name in others.items() if own is not None and family_of(name) == own]
    if not related:
        return None
    return f'the judge "{judge}" is of the family of {" and ".join(related)}, whose answers it may prefer'
