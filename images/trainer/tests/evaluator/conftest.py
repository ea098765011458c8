"""A dataset and adapters on the built-in model `tiny`, published in a store as the earlier stages publish them."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from worker.store import publish, staging

# the matrices of tiny are too small to be shared: on a busy machine threads that wait for each other take ten times as
# long; must be set before torch is imported, and holds for the programs that tests start
os.environ["OMP_NUM_THREADS"] = "1"

SPLITS = {"recall": 10, "test": 7}


def row(split: str, number: int) -> dict[str, Any]:
    question = f"What does option {number} of the {split} part set" + " exactly" * (number % 4) + "?"
    answer = f"It sets limit {number} of the server." + " It must be a number." * (number % 3)
    return {
        "id": "sha256:" + hashlib.sha256(question.encode()).hexdigest(),
        "messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}],
        "task": "factual",
        "language": "en",
        "split": split,
        "probe": "recall" if split == "recall" else "unseen",
        "group": f"{split}.md",
        "fact": str(number),
        "source": {
            "source": "docs",
            "path": f"{split}.md",
            "start": 0,
            "end": 9,
            "heading": [],
            "evidence": [{"quote": answer, "start": 0, "end": 9}],
        },
        "generator": {"name": "extractive", "model": None, "prompt": None},
    }


def answering(split: str, answer: str) -> dict[str, Any]:
    made = row(split, 0)
    made["messages"][1]["content"] = answer
    made["id"] = "sha256:" + hashlib.sha256(answer.encode()).hexdigest()
    made["probe"] = None if split == "train" else made["probe"]
    return made


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Every test of the session shares one store; runs in it differ by their id."""
    folder = tmp_path_factory.mktemp("store")
    before = os.environ.get("DOCTUNE_STORE")
    os.environ["DOCTUNE_STORE"] = str(folder)
    yield folder
    if before is None:
        del os.environ["DOCTUNE_STORE"]
    else:
        os.environ["DOCTUNE_STORE"] = before


@pytest.fixture(scope="session")
def publish_dataset(store: Path) -> Callable[..., dict[str, str]]:
    def made(splits: dict[str, int], trained: Sequence[str] = (), asked: Sequence[str] = ()) -> dict[str, str]:
        """Rows by split; `trained` and `asked` are answers of further rows of train and test."""
        folder = staging()
        for split, rows in splits.items():
            written = [row(split, number) for number in range(rows)]
            written += [answering(split, answer) for answer in (asked if split == "test" else ())]
            (folder / f"{split}.jsonl").write_text("".join(json.dumps(each) + "\n" for each in written))
        if trained:
            lines = [json.dumps(answering("train", answer)) + "\n" for answer in trained]
            (folder / "train.jsonl").write_text("".join(lines))
        return without_size(publish(folder, "datasets"))

    return made


@pytest.fixture(scope="session")
def dataset(publish_dataset: Callable[..., dict[str, str]]) -> dict[str, str]:
    return publish_dataset(SPLITS)


@pytest.fixture(scope="session")
def publish_adapter(store: Path) -> Callable[..., dict[str, str]]:
    """Publishes an adapter on tiny; `strength` 0 changes nothing, more changes much. `harm` may alter its folder."""
    import torch
    from peft import LoraConfig, get_peft_model

    from trainer.outcome.artifact import save_adapter
    from worker.models import load

    def made(strength: float, harm: Callable[[Path], None] = lambda _folder: None) -> dict[str, str]:
        base = load({"builtIn": "tiny"})
        model = get_peft_model(base.model, LoraConfig(r=4, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
        generator = torch.Generator().manual_seed(1)
        with torch.no_grad():
            for name, parameter in sorted(model.named_parameters()):
                if "lora_" in name:
                    scale = strength if "lora_B" in name else 1.0
                    parameter.copy_(torch.randn(parameter.shape, generator=generator) * scale)
        folder = staging()
        save_adapter(model, base, folder / "adapter")
        (folder / "manifest.json").write_text(json.dumps({"version": 1, "baseModelRevision": base.revision}))
        harm(folder)
        return without_size(publish(folder, "adapters"))

    return made


@pytest.fixture(scope="session")
def adapter(publish_adapter: Callable[..., dict[str, str]]) -> dict[str, str]:
    return publish_adapter(0.5)


@pytest.fixture
def evaluation(dataset: dict[str, str], adapter: dict[str, str], request: pytest.FixtureRequest) -> dict[str, Any]:
    """An input of the evaluator, with a run of its own for each test."""
    return {
        "version": 1,
        "run": {"namespace": "team", "name": "check", "id": hashlib.sha256(request.node.name.encode()).hexdigest()},
        "dataset": dataset,
        "adapter": adapter,
        "baseModel": {"builtIn": "tiny"},
        "splits": ["recall", "test"],
        "settings": [{"name": "default", "maxInputTokens": 512, "maxNewTokens": 8}],
        "metrics": ["bleu", "chrf", "perplexity"],
        "maxSamples": 64,
        "batchSize": 4,
        "bootstrapSamples": 500,
        "seed": 42,
    }


def without_size(artifact: Any) -> dict[str, str]:
    return {"uri": artifact["uri"], "digest": artifact["digest"]}
