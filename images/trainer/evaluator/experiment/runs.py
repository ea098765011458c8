"""The runs of an experiment as their artifacts tell them, and what differs between them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worker.failure import WorkerFailure
from worker.leaves import leaves

RECORD = "experiment_results.json"
# names and places of a run, and how it is told about, change nothing of what is trained
LEFT_OUT = ("version", "run", "output", "oci", "checkpoint", "training.loggingSteps")
EFFECTIVE_BATCH = "effectiveBatch"
# an effective batch is made of these: it is their product that must be the same
FACTORS = ("training.perDeviceBatchSize", "training.gradientAccumulationSteps")
# what a dataset was asked for, by its manifest; what came of it follows
ASKED_OF_DATASET = ("sources", "generator", "prompts", "seed", "split.asked")
FOUND_IN_DATASET = ("generator.factsFound", "generator.leftOut")
DATASET_ITSELF = ("dataset.uri", "dataset.digest", "dataset.size")


@dataclass(frozen=True)
class Run:
    """`parameters` are all that decided the training, by their fields."""

    name: str
    parameters: dict[str, Any]
    history: list[dict[str, Any]]
    final: dict[str, Any]
    rows: int


def read_run(name: str, artifact: Path, datasets: dict[str, Path]) -> Run:
    """The run of an artifact. `datasets` are folders by digest: of one among them it is told how it was made.

    WorkerFailure `data` for an artifact whose trainer kept no record.
    """
    try:
        told = json.loads((artifact / RECORD).read_text("utf-8"))
        settings = told["settings"]
        parameters = {
            field: value
            for field, value in leaves(told["input"]).items()
            if not any(is_of(field, each) for each in LEFT_OUT)
        }
        batch = settings["batch_size"] * settings["accumulation"] * settings["world_size"]
        dataset = datasets.get(parameters.get("dataset.digest"))
        parameters |= asked_of(dataset) if dataset else {}
        parameters |= {
            EFFECTIVE_BATCH: batch,
            "steps": settings["total_steps"],
            "baseModelRevision": told["baseModelRevision"],
            "devices": told["environment"].get("devices"),
            **resolved(told),
        }
        return Run(name, parameters, told["history"], told["final"], told["rows"]["train"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WorkerFailure(
            "data",
            "NoRecord",
            f'experiment: the artifact of "{name}" has no {RECORD} that can be compared ({error!r}): train it again, '
            "or leave it out of spec.candidates",
        ) from error


def resolved(told: dict[str, Any]) -> dict[str, Any]:
    """What came of what was asked for, under the fields that decide it: two runs that ask for `Auto` may have had two
    methods, and one may have been changed while it was under way. Older records do not tell all of it.
    """
    return {
        "method.chosen": told.get("method", {}).get("name"),
        "training.precision.chosen": told["settings"].get("precision"),
        "interventions": [f"{each['kind']} at step {each['step']}" for each in told.get("interventions", [])],
        **{f"libraries.{name}": version for name, version in told.get("libraries", {}).items()},
    }


def asked_of(dataset: Path) -> dict[str, Any]:
    """What decided the rows of a dataset, as `dataset.` fields; nothing of a dataset without a manifest."""
    file = dataset / "manifest.json"
    if not file.is_file():
        return {}
    told = leaves(json.loads(file.read_text("utf-8")))
    return {
        f"dataset.{field}": value
        for field, value in told.items()
        if any(is_of(field, each) for each in ASKED_OF_DATASET) and field not in FOUND_IN_DATASET
    }


def is_of(field: str, variable: str) -> bool:
    return field == variable or field.startswith(f"{variable}.")


def differences(runs: list[Run]) -> dict[str, list[Any]]:
    """The parameters that are not the same in all runs, with the value in each."""
    names = dict.fromkeys(name for run in runs for name in run.parameters)
    values = {name: [run.parameters.get(name) for run in runs] for name in names}
    found = {name: each for name, each in values.items() if any(one != each[0] for one in each[1:])}
    if EFFECTIVE_BATCH not in found:
        # the same rows a step, however they are divided
        found = {name: each for name, each in found.items() if name not in FACTORS}
    return found


def uncontrolled(found: dict[str, list[Any]], variables: list[str]) -> list[str]:
    """What differs beside the declared variables, and beside what follows from them.

    Steps follow from other parameters, an effective batch from its factors, and a dataset from how it is made.
    """

    def is_declared(name: str) -> bool:
        return any(is_of(name, each) for each in variables)

    varied = [name for name in found if is_declared(name)]
    follows = {"steps"} if varied else set()
    if any(name in FACTORS for name in varied):
        follows.add(EFFECTIVE_BATCH)
    if any(is_of(name, "dataset") for name in varied):
        follows.update(DATASET_ITSELF)
    return [name for name in found if not is_declared(name) and name not in follows]
