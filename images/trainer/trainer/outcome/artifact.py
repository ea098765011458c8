"""The adapter artifact."""

import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.outcome.card import figures, render_card
from trainer.outcome.curve import draw, render_csv
from trainer.outcome.html_report import render_html
from worker.context import STRETCHED
from worker.models import BaseModel
from worker.store import Artifact, publish

if TYPE_CHECKING:
    import torch
    from peft import PeftModel

# what the manifest has of the results
KEPT = (
    "kind",
    "method",
    "baseModel",
    "baseModelRevision",
    "baseModelNote",
    "context",
    "dataset",
    "initAdapter",
    "resumeFrom",
    "chatTemplate",
    "lora",
    "licences",
    # how: all parameters as they were resolved, and by what
    "settings",
    "libraries",
    "environment",
)
LIBRARIES = ("torch", "transformers", "peft", "accelerate", "tokenizers", "safetensors", "bitsandbytes", "numpy")


def library_versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


def export(folder: Path, base: BaseModel, name: str, results: dict[str, Any], texts: dict[str, str]) -> Artifact:
    """Publish a staged folder with results, curve, card and `texts` (file name -> content) beside what is in it.

    The files hold no time and no path of this run, so the same inputs on the same machine give the same digest.
    """
    manifest = {key: results[key] for key in KEPT}
    contents = {
        **texts,
        "experiment_results.json": _json(results),
        "loss_curve.csv": render_csv(results["history"]),
        "manifest.json": _json({"version": 1, **manifest}),
        "README.md": render_card(name, base, results),
    }
    for file, content in contents.items():
        (folder / file).write_text(content, "utf-8")
    overfitting = results["overfitting"]
    pictures = [folder / "loss_curve.png", folder / "loss_curve.svg"]
    title = f"{name}: {base.name}"
    draw(results["history"], title, *pictures, overfitted_from=overfitting["step"])
    samples = [json.loads(line) for line in texts["generated_samples.jsonl"].splitlines()]
    page = render_html(title, plain(figures(base, results)), results, samples, pictures[1].read_bytes())
    (folder / "report.html").write_text(page, "utf-8")
    for path in folder.rglob("*"):
        # safetensors writes for the owner alone
        path.chmod(0o755 if path.is_dir() else 0o644)
    return publish(folder, "adapters")


def plain(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Without the marks of Markdown."""
    return [(name, value.strip("`")) for name, value in pairs]


def save_model(model: "torch.nn.Module", base: BaseModel, folder: Path) -> None:
    """Write what transformers loads: weights of the whole model in the number format that it was trained in."""
    model.save_pretrained(folder)
    base.tokenizer.save_pretrained(folder)


def save_adapter(model: "PeftModel", base: BaseModel, folder: Path) -> None:
    """Write what peft loads, with the tokenizer, in the same bytes each time."""
    # embeddings of added tokens are in the adapter by themselves
    model.save_pretrained(folder, save_embedding_layers=False)
    base.tokenizer.save_pretrained(folder)
    if hasattr(base.model.config, STRETCHED):
        # the base model is to be loaded with this configuration: peft's own says nothing of positions
        base.model.config.save_pretrained(folder)
    # peft's own card says less than ours
    (folder / "README.md").unlink(missing_ok=True)
    settings_file = folder / "adapter_config.json"
    settings = json.loads(settings_file.read_text("utf-8"))
    # made from a set, whose order changes from process to process
    if isinstance(settings.get("target_modules"), list):
        settings["target_modules"] = sorted(settings["target_modules"])
    settings_file.write_text(_json(settings), "utf-8")


def _json(value: Any) -> str:
    # sorted: a resumed run reads its history back in another order
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
