"""The model card: what the adapter is made of, and what its figures mean."""

from typing import Any

from trainer.methods.loftq import LOFTQ
from trainer.outcome.licence_chain import chain_lines
from worker.models import BaseModel

TEMPLATE = """---
{head}---
# {name}

{what} `{base}`, trained on the answers of a dataset of {rows} rows.

| | |
|---|---|
{figures}

{note}The recall loss tells whether the documents are known now, the unseen loss what that cost elsewhere; a low loss
alone does not make answers right. See `report.html` for all on one page, `generated_samples.jsonl` for answers,
`loss_curve.png` for the course of the training, `experiment_results.json` for all parameters, and the evaluation of
this adapter for a comparison with its base model.

```python
{code}
```

## Licences
| | |
|---|---|
{licences}
"""
ADAPTER_CODE = """from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("adapter")
model = AutoModelForCausalLM.from_pretrained("{base}")
{resize}model = PeftModel.from_pretrained(model, "adapter")"""
MODEL_CODE = """from transformers import AutoModelForCausalLM, AutoTokenizer

model = AutoModelForCausalLM.from_pretrained("model")
tokenizer = AutoTokenizer.from_pretrained("model")"""

LOFTQ_NOTE = """It was trained on the base model in 4 bits, beginning at the error that they make (LoftQ), and is
published as the difference from there: use it with the base model in 16 or 32 bits, as below, or merged into it. On 4
bits it would lack what it began with."""


def render_card(name: str, base: BaseModel, results: dict[str, Any]) -> str:
    """README.md of an adapter artifact, from the content of experiment_results.json."""
    resize = "model.resize_token_embeddings(len(tokenizer))\n" if base.template.marks else ""
    is_model, method = results["kind"] == "model", results["method"]["name"]
    return TEMPLATE.format(
        head=front_matter(base, results),
        what=f"A whole model, tuned by {method} from" if is_model else f"A {method} adapter for",
        code=MODEL_CODE if is_model else ADAPTER_CODE.format(base=base.name, resize=resize),
        name=name,
        base=base.name,
        rows=results["rows"]["train"],
        figures=_rows(figures(base, results)),
        licences=_rows(chain_lines(results["licences"])),
        note=notes(base, results),
    )


def notes(base: BaseModel, results: dict[str, Any]) -> str:
    """Paragraphs on what the figures do not say."""
    told = [f"Note on the base model: {base.note}."] if base.note else []
    if results["lora"]["init"] == LOFTQ:
        told.append(LOFTQ_NOTE)
    return "".join(f"{paragraph}\n\n" for paragraph in told)


def front_matter(base: BaseModel, results: dict[str, Any]) -> str:
    """The head of the card as the Hugging Face hub reads it."""
    import yaml

    is_model, licence = results["kind"] == "model", results["licences"]["baseModel"]
    name, kind = licence["name"], licence["kind"]
    # the hub takes names of its own list alone; whatever else is told beside it
    known = {"license": name.lower()} if kind == "open" else {"license": "other", "license_name": name or "unknown"}
    head = {
        "library_name": "transformers" if is_model else "peft",
        "base_model": base.name,
        **known,
        "tags": [results["method"]["name"].lower(), "doctune", *(["research-only"] if kind == "research" else [])],
    }
    return yaml.safe_dump(head, sort_keys=False, allow_unicode=True)


def figures(base: BaseModel, results: dict[str, Any]) -> list[tuple[str, str]]:
    """(name, value) of what matters most."""
    final, parameters = results["final"], results["trainableParameters"]
    return [
        ("base model", f"`{base.revision}`"),
        ("dataset", f"`{results['dataset']['digest']}`"),
        ("steps", f"{final['step']} of {results['settings']['total_steps']}"),
        ("trainable parameters", f"{parameters['count']:,} ({parameters['percent']:.2f} %)"),
        ("loss, other wordings of trained facts (recall)", _figure(final["evalRecallLoss"])),
        ("loss, documents that were not trained (unseen)", _figure(final["evalUnseenLoss"])),
        ("overfitting", _verdict(results["overfitting"])),
    ]


def _rows(pairs: list[tuple[str, str]]) -> str:
    return "\n".join(f"| {_cell(name)} | {_cell(value)} |" for name, value in pairs)


def _cell(text: str) -> str:
    """As one cell of a table, whatever a model or a document calls its licence."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _verdict(overfitting: dict[str, Any]) -> str:
    if overfitting["verdict"] == "none":
        return "none seen"
    return f"{overfitting['verdict']}, from step {overfitting['step']} on: {'; '.join(overfitting['advice'])}"


def _figure(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.4f}"
