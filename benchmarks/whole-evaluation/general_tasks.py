"""Tasks of lm-eval that have nothing to do with the documents: `general_tasks.py OUT`.

Asked is what the image has of itself, the documentation of scientific libraries, of which no training sees anything:
which of four summaries describes a name, and how likely that prose is. Drawn by a fixed seed, so that every run asks
the same.
"""

import json
import random
import sys
from pathlib import Path

from trainer.data.general_rows import described

LIBRARIES = """
    matplotlib.pyplot scipy.integrate scipy.interpolate scipy.linalg scipy.ndimage scipy.optimize scipy.signal
    scipy.sparse scipy.spatial scipy.special scipy.stats torch torch.distributions torch.nn torch.nn.functional
    torch.optim
"""
QUESTIONS_A_LIBRARY, LEAST_MEMBERS, CHOICES = 18, 8, 4

CHOICE = """\
task: libraries
output_type: multiple_choice
doc_to_text: 'Question: What does `{{name}}` do?\\nAnswer:'
doc_to_target: '{{answer}}'
doc_to_choice: '{{choices}}'
metric_list:
  - metric: acc
    aggregation: mean
    higher_is_better: true
"""
PROSE = """\
task: prose
output_type: loglikelihood_rolling
doc_to_text: ''
doc_to_target: '{{text}}'
metric_list:
  - metric: word_perplexity
"""
COMMON = """\
dataset_path: json
dataset_kwargs:
  data_files:
    test: {file}
test_split: test
metadata:
  version: 1.0
"""


def questions() -> list[dict[str, object]]:
    """Items whose wrong choices describe other names of the same library."""
    lots = random.Random(42)
    items = []
    for library in LIBRARIES.split():
        members = described(library)
        summaries = sorted({summary for _, summary in members})
        if len(summaries) < LEAST_MEMBERS:
            continue
        for name, summary in lots.sample(members, min(QUESTIONS_A_LIBRARY, len(members))):
            choices = [summary, *lots.sample([other for other in summaries if other != summary], CHOICES - 1)]
            lots.shuffle(choices)
            items.append(
                {
                    "subject": library,
                    "name": f"{library}.{name}",
                    "choices": [f" {choice}" for choice in choices],
                    "answer": choices.index(summary),
                }
            )
    return items


def prose() -> list[dict[str, str]]:
    """A paragraph a library: its summaries, one after the other."""
    return [
        {"text": " ".join(summary for _, summary in members[:12])}
        for members in map(described, LIBRARIES.split())
        if len(members) >= LEAST_MEMBERS
    ]


def main(out: Path) -> None:
    for name, task, items in (("libraries", CHOICE, questions()), ("prose", PROSE, prose())):
        (out / f"{name}.yaml").write_text(task + COMMON.format(file=f"{name}.jsonl"), "utf-8")
        (out / f"{name}.jsonl").write_text("".join(json.dumps(item) + "\n" for item in items), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
