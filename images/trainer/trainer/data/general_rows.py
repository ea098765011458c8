"""General questions and answers that every installation has: the documentation of Python's own libraries.

No hub and no file is needed. What is asked is prose and code about programming, as documents for developers are, and
none of it is about the documents of a dataset.
"""

import importlib
import inspect
import random
import re
from typing import Any

MODULES = """
    argparse asyncio calendar collections concurrent.futures contextlib csv datetime decimal difflib email fractions
    functools gzip hashlib heapq html http.client inspect io itertools json logging numpy os os.path pathlib pickle
    queue random re shutil socket sqlite3 statistics string subprocess tarfile tempfile textwrap threading time
    traceback types typing unittest urllib.parse urllib.request uuid weakref zipfile
"""
LEAST_LETTERS, MOST_LETTERS = 40, 400
FORMS = (
    "What does `{name}` do?",
    "Explain `{name}`.",
    "What is `{name}` for?",
    "Tell me about `{name}` of Python's `{module}`.",
    "How is `{name}` described in the documentation?",
)


def general_chats(seed: int) -> list[list[dict[str, str]]]:
    """Some hundred chats of one question and one answer, shuffled by `seed`."""
    generator = random.Random(seed)
    chats = [
        [
            {"role": "user", "content": generator.choice(FORMS).format(name=f"{module}.{name}", module=module)},
            {"role": "assistant", "content": summary},
        ]
        for module in MODULES.split()
        for name, summary in described(module)
    ]
    generator.shuffle(chats)
    return chats


def described(module: str) -> list[tuple[str, str]]:
    """Names of the public members of a module with the first paragraph of what is written about them, sorted."""
    members: dict[str, Any] = vars(importlib.import_module(module))
    described = [
        (name, _summary(inspect.getdoc(member) or ""))
        for name, member in sorted(members.items())
        if not name.startswith("_") and (inspect.isclass(member) or inspect.isroutine(member))
    ]
    return [(name, summary) for name, summary in described if LEAST_LETTERS <= len(summary) <= MOST_LETTERS]


def _summary(documentation: str) -> str:
    """The first paragraph that is a sentence; signatures at the beginning are none."""
    paragraphs = (re.sub(r"\s+", " ", text).strip() for text in documentation.split("\n\n"))
    return next((text for text in paragraphs if re.match(r"[A-Z][a-z]", text) and text.endswith(".")), "")
