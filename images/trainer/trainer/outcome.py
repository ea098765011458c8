"""What a finished training is reduced to: results file, artifact and the summary in the termination message."""

from typing import TYPE_CHECKING, Any

from trainer.curve import points
from trainer.diagnosis import MOST_WARNINGS, diagnose, diagnose_interventions
from trainer.examples import render_mask_preview
from trainer.export import export, library_versions
from trainer.overfitting import detect, watched_curve
from trainer.samples import choose_rows, render_samples
from trainer.session import Outcome
from worker.store import SCHEME, Artifact, store_root

if TYPE_CHECKING:
    from trainer.recipe import Prepared


def publish_outcome(value: dict[str, Any], prepared: "Prepared", outcome: Outcome) -> Artifact:
    """Publish the adapter with its reports."""
    texts = {
        "generated_samples.jsonl": render_samples(outcome.model, prepared.base, choose_rows(prepared.rows.curves)),
        "mask_preview.txt": render_mask_preview(prepared.base.tokenizer, prepared.examples),
    }
    return export(outcome.model, prepared.base, value["run"]["name"], results(value, prepared, outcome), texts)


def results(value: dict[str, Any], prepared: "Prepared", outcome: Outcome) -> dict[str, Any]:
    """The content of experiment_results.json."""
    rows = prepared.rows
    return {
        "version": 1,
        "run": value["run"],
        "dataset": value["dataset"],
        "baseModel": value["baseModel"],
        "baseModelRevision": prepared.base.revision,
        "baseModelNote": prepared.base.note,
        "chatTemplate": {"asked": value["training"]["chatTemplate"], "used": prepared.base.template.name},
        "lora": value["lora"],
        "settings": prepared.settings.as_dict(),
        "libraries": library_versions(),
        "rows": {
            "train": len(prepared.examples),
            **prepared.counts,
            "curves": {name: len(curve) for name, curve in prepared.curves.items()},
            "validation": {name: len(curve) for name, curve in rows.curves.items()},
        },
        "trainableParameters": trainable_parameters(outcome.model),
        "final": final(outcome),
        "overfitting": overfitting(prepared, outcome),
        "warnings": warnings(prepared, outcome),
        "interventions": [each.as_dict() for each in prepared.interventions],
        "lastStep": outcome.last_step,
        "history": outcome.history,
    }


def final(outcome: Outcome) -> dict[str, Any]:
    """Figures of the published weights."""
    metrics = outcome.metrics
    return {
        "step": outcome.step,
        "epoch": metrics["epoch"],
        "loss": metrics.get("loss"),
        "evalLoss": metrics.get("eval_loss"),
        "evalRecallLoss": metrics.get("eval_recall_loss"),
        "evalUnseenLoss": metrics.get("eval_unseen_loss"),
        "evalTokenAccuracy": metrics.get("eval_token_accuracy"),
        "perplexity": metrics.get("perplexity"),
    }


def overfitting(prepared: "Prepared", outcome: Outcome) -> dict[str, Any]:
    """The verdict over the whole run: early stopping may have saved the adapter, but the settings are what they are."""
    settings = prepared.settings
    own = {
        "rows": len(prepared.examples),
        "rank": settings.lora.rank,
        "dropout": settings.lora.dropout,
        "weightDecay": settings.weight_decay,
    }
    return detect(points(outcome.history, "loss"), watched_curve(outcome.history), own).as_dict()


def warnings(prepared: "Prepared", outcome: Outcome) -> list[dict[str, str]]:
    """What the figures of the run suffer from, the weightiest first."""
    total = prepared.settings.total_steps
    epochs = total / prepared.settings.steps_an_epoch
    found = [
        *diagnose_interventions(prepared.interventions, prepared.settings),
        *diagnose(outcome.history, total, epochs),
    ]
    return [warned.as_dict() for warned in found[:MOST_WARNINGS]]


def trainable_parameters(model) -> dict[str, Any]:
    trained, total = model.get_nb_trainable_parameters()
    return {"count": trained, "percent": round(100 * trained / total, 4)}


def summary(prepared: "Prepared", outcome: Outcome) -> dict[str, Any]:
    """The summary of a train result."""
    place = outcome.checkpoint.relative_to(store_root()).as_posix()
    return {
        **final(outcome),
        "totalSteps": prepared.settings.total_steps,
        "tokensPerSecond": outcome.tokens_per_second,
        "trainableParameters": trainable_parameters(outcome.model),
        "memory": {
            "device": outcome.memory.device,
            "peakBytes": outcome.memory.peak,
            "capacityBytes": outcome.memory.capacity,
        },
        "baseModelRevision": prepared.base.revision,
        "overfitting": overfitting(prepared, outcome),
        "warnings": warnings(prepared, outcome),
        "ladder": [each.kind for each in prepared.interventions if each.kind != "RollBack"][:8],
        "checkpoint": {"uri": f"{SCHEME}{place}", "step": int(outcome.checkpoint.name.removeprefix("step-"))},
    }
