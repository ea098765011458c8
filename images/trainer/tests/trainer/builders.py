"""Builders of datasets and inputs, as the generator and the operator make them."""

import hashlib
import json
from pathlib import Path
from typing import Any

from worker.digests import CHECKSUM_FILE, checksums_digest, render_checksums

WORDS = ("red", "green", "blue", "round", "square", "small", "large", "old", "new", "fast", "slow", "warm")

# the untrained model goes on and on, and 200 tokens an answer would take longer than the training
SAMPLES = {"samples": {"prompts": 5, "maxNewTokens": 8}}


def row(number: int, split: str = "train", probe: str | None = None, **changes: Any) -> dict[str, Any]:
    """A valid row whose answer follows from its question."""
    word, other = WORDS[number % len(WORDS)], WORDS[(number // len(WORDS)) % len(WORDS)]
    answer = f"The {word} {other} option sets the {word} value to {number}."
    messages = [
        {"role": "user", "content": f"What does the {word} {other} option do?"},
        {"role": "assistant", "content": answer},
    ]
    return {
        "id": "sha256:" + hashlib.sha256(f"{number}{split}{probe}".encode()).hexdigest(),
        "messages": messages,
        "task": "factual",
        "language": "en",
        "split": split,
        "probe": probe,
        "group": f"document-{number}",
        "fact": f"fact-{number}",
        "source": {
            "source": "docs",
            "path": f"document-{number}.md",
            "start": 0,
            "end": len(answer),
            "heading": ["Options"],
            "evidence": [{"quote": answer, "start": 0, "end": len(answer)}],
        },
        "generator": {"name": "extractive", "model": None, "prompt": None},
        **changes,
    }


def rows(train: int = 48, recall: int = 6, unseen: int = 6) -> list[dict[str, Any]]:
    return [
        *(row(number) for number in range(train)),
        *(row(number, "validation", "recall") for number in range(recall)),
        *(row(1000 + number, "validation", "unseen") for number in range(unseen)),
    ]


def passages(documents: int = 6, chunks: int = 3) -> list[dict[str, Any]]:
    """Text of documents, each in chunks that follow each other."""
    found = []
    for number in range(documents):
        start = 0
        for chunk in range(chunks):
            word, other = WORDS[(number + chunk) % len(WORDS)], WORDS[(number * 5 + chunk) % len(WORDS)]
            text = f"Option {number}.{chunk}: the {word} {other} option is {other} by default, and {word} if asked.\n"
            found.append(
                {
                    "id": f"chunk-{number}-{chunk}",
                    "group": f"document-{number}",
                    "source": "docs",
                    "path": f"document-{number}.md",
                    "start": start,
                    "end": start + len(text),
                    "text": text,
                }
            )
            start += len(text)
    return found


def stage(kind: str, **changes: Any) -> dict[str, Any]:
    """A stage of a train input."""
    silent = dict.fromkeys(("name", "maxLength", "learningRate", "epochs", "maxSteps", "domainWeight", "unfreeze"))
    return {**silent, "type": kind, **changes}


def write_dataset(
    store: Path,
    content: list[dict[str, Any]],
    text: list[dict[str, Any]] | None = None,
    manifest: dict[str, Any] | None = None,
) -> dict[str, str]:
    """A dataset artifact in the store; gives what an input says about it."""
    staged = store / "tmp" / "dataset"
    staged.mkdir(parents=True)
    for split in ("train", "validation", "test", "recall"):
        lines = (json.dumps(item, ensure_ascii=False) + "\n" for item in content if item["split"] == split)
        (staged / f"{split}.jsonl").write_text("".join(lines), "utf-8")
    if text is not None:
        (staged / "text.jsonl").write_text("".join(json.dumps(passage) + "\n" for passage in text), "utf-8")
    if manifest is not None:
        (staged / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    sums = render_checksums(staged)
    (staged / CHECKSUM_FILE).write_text(sums, "utf-8")
    digest = checksums_digest(sums)
    place = f"artifacts/datasets/{digest.removeprefix('sha256:')}"
    (store / place).parent.mkdir(parents=True, exist_ok=True)
    if not (store / place).exists():
        staged.rename(store / place)
    return {"uri": f"pvc://doctune-artifacts/{place}", "digest": digest}


def train_input(dataset: dict[str, str], **changes: dict[str, Any]) -> dict[str, Any]:
    """A train input for a short run on tiny; `changes` are merged into its sections."""
    value: dict[str, Any] = {
        "version": 1,
        "run": {"namespace": "default", "name": "quickstart", "id": "0123456789abcdef"},
        "dataset": dataset,
        "baseModel": {"builtIn": "tiny"},
        "acceptLicense": False,
        "oci": None,
        "lora": {
            "rank": 8,
            "alpha": 16,
            "dropout": 0.1,
            "targetModules": ["all-linear"],
            "rsLoRA": False,
            "lastLayers": None,
            "skipLayers": 0,
            "plusRatio": None,
            "init": "default",
            "modulesToSave": [],
            "bias": "none",
        },
        "method": "Auto",
        "quantization": None,
        "adaLoRA": {"initialRank": None},
        "promptTuning": {"virtualTokens": 8},
        "freeze": {"layers": None, "embeddings": True, "unfreezeEverySteps": None},
        "training": {
            "epochs": 1,
            "maxSteps": 12,
            "perDeviceBatchSize": 4,
            "gradientAccumulationSteps": 1,
            "learningRate": 5e-3,
            "scheduler": "cosine",
            "warmup": 0.1,
            "weightDecay": 0.01,
            "maxGradNorm": 1.0,
            "maxLength": 256,
            "truncation": "drop",
            "packing": False,
            "domainWeight": None,
            "isDomainWeightOptional": False,
            "chatTemplate": "auto",
            "precision": "fp32",
            "gradientCheckpointing": False,
            "seed": 42,
            "replay": 0,
            "skipKnown": None,
            "textWeight": None,
            "loggingSteps": 1,
            "optimizer": "AdamW",
            "warmupSteps": None,
            "attention": "Auto",
            "deterministic": False,
            "tf32": True,
            "compile": False,
            "attentionProbe": False,
            "neftuneAlpha": None,
            "dropout": None,
            "evalSteps": 4,
        },
        "initAdapter": None,
        "resumeFrom": None,
        "context": {"ropeScaling": None, "positions": None},
        "stages": [],
        "earlyStopping": None,
        "distributed": {"strategy": "Auto", "cpuOffload": False},
        "checkpoint": {"everySteps": 4, "keep": 2},
        "outOfMemory": {"policy": "Adapt"},
        "watchdog": {"nonFinite": "Rollback", "lossSpikeFactor": 3, "maxGradNorm": 100, "stallSeconds": 600},
        "output": {"merged": False, "gguf": [], "onnx": False, "torchScript": False, "ollama": False} | SAMPLES,
    }
    for section, change in changes.items():
        value[section] = {**value[section], **change} if isinstance(value.get(section), dict) else change
    return value
