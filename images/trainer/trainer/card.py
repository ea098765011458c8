"""The model card: what the adapter is made of, and what its figures mean."""

from typing import Any

from worker.models import BaseModel

TEMPLATE = """---
library_name: {library}
base_model: {base}
tags: [{tag}, doctune]
---
# {name}

{what} `{base}`, trained on the answers of a dataset of {rows} rows.

| | |
|---|---|
| base model | `{revision}` |
| dataset | `{dataset}` |
| steps | {step} of {total_steps} |
| trainable parameters | {trainable:,} ({percent:.2f} %) |
| loss, other wordings of trained facts (recall) | {recall} |
| loss, documents that were not trained (unseen) | {unseen} |
| overfitting | {overfitting} |

{note}The recall loss tells whether the documents are known now, the unseen loss what that cost elsewhere; a low loss
alone does not make answers right. See `generated_samples.jsonl` for answers, `loss_curve.png` for the course of the
training, `experiment_results.json` for all parameters, and the evaluation of this adapter for a comparison with its
base model.

```python
{code}
```
"""
ADAPTER_CODE = """from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("adapter")
model = AutoModelForCausalLM.from_pretrained("{base}")
{resize}model = PeftModel.from_pretrained(model, "adapter")"""
MODEL_CODE = """from transformers import AutoModelForCausalLM, AutoTokenizer

model = AutoModelForCausalLM.from_pretrained("model")
tokenizer = AutoTokenizer.from_pretrained("model")"""


def render_card(name: str, base: BaseModel, results: dict[str, Any]) -> str:
    """README.md of an adapter artifact, from the content of experiment_results.json."""
    final, parameters = results["final"], results["trainableParameters"]
    resize = "model.resize_token_embeddings(len(tokenizer))\n" if base.template.marks else ""
    is_model, method = results["kind"] == "model", results["method"]["name"]
    return TEMPLATE.format(
        library="transformers" if is_model else "peft",
        tag=method.lower(),
        what=f"A whole model, tuned by {method} from" if is_model else f"A {method} adapter for",
        code=MODEL_CODE if is_model else ADAPTER_CODE.format(base=base.name, resize=resize),
        name=name,
        base=base.name,
        revision=base.revision,
        dataset=results["dataset"]["digest"],
        rows=results["rows"]["train"],
        step=final["step"],
        total_steps=results["settings"]["total_steps"],
        trainable=parameters["count"],
        percent=parameters["percent"],
        recall=_figure(final["evalRecallLoss"]),
        unseen=_figure(final["evalUnseenLoss"]),
        overfitting=_verdict(results["overfitting"]),
        note=f"Note on the base model: {base.note}.\n\n" if base.note else "",
    )


def _verdict(overfitting: dict[str, Any]) -> str:
    if overfitting["verdict"] == "none":
        return "none seen"
    return f"{overfitting['verdict']}, from step {overfitting['step']} on: {'; '.join(overfitting['advice'])}"


def _figure(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.4f}"
