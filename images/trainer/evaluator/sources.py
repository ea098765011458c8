"""Where the weights of a candidate lie, and how they become a model: of an artifact, a checkpoint or an export."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluator.subject import answering, apply_adapter, check_base, precision, read_manifest, whole_model
from worker.context import with_context
from worker.digests import CHECKSUM_FILE, file_sha256
from worker.failure import WorkerFailure
from worker.models import load
from worker.store import SCHEME, store_root, verified


@dataclass(frozen=True)
class Source:
    """Where a candidate lies: `folder` has its weights and its tokenizer, `file` is a GGUF file within it."""

    name: str
    base_model: dict[str, Any]
    manifest: dict[str, Any]
    folder: Path
    file: str | None
    kind: str
    digest: str


def source_of(candidate: dict[str, Any]) -> Source:
    place = f'candidates "{candidate["name"]}"'
    artifact = verified(candidate["adapter"], place)
    manifest = read_manifest(artifact)
    kind = manifest.get("kind", "adapter")
    digest = candidate["adapter"]["digest"]
    if candidate.get("export"):
        return _export(candidate, place, artifact, manifest)
    if candidate.get("checkpoint") and candidate["checkpoint"]["step"] != "best":
        folder = _checkpoint(candidate["checkpoint"], place)
        sums = file_sha256(folder / CHECKSUM_FILE)
        return Source(candidate["name"], candidate["baseModel"], manifest, folder, None, kind, f"sha256:{sums}")
    # the published weights are those of the best evaluation
    return Source(candidate["name"], candidate["baseModel"], manifest, artifact / kind, None, kind, digest)


def _export(candidate: dict[str, Any], place: str, artifact: Path, manifest: dict[str, Any]) -> Source:
    name = candidate["export"]
    there = exports_of(artifact)
    if name not in there:
        raise WorkerFailure(
            "config",
            "ExportNotFound",
            f'{place}: the artifact has no export "{name}", only {", ".join(there) or "none"}: add it to spec.output '
            "of the FineTuneJob",
        )
    if name in ("onnx", "torchscript"):
        raise WorkerFailure(
            "config",
            "NoEngine",
            f'{place}: nothing in this image writes answers with the export "{name}": evaluate "merged" or a GGUF file '
            "of the same job, which has the same weights",
        )
    path = artifact / there[name]
    digest = f"{candidate['adapter']['digest']}#{there[name]}"
    is_file = path.is_file()
    return Source(
        candidate["name"],
        candidate["baseModel"],
        manifest,
        path.parent if is_file else path,
        path.name if is_file else None,
        "model",
        digest,
    )


def exports_of(artifact: Path) -> dict[str, str]:
    """Exports of an artifact by their names, with their paths."""
    folder = artifact / "exports"
    found = {name: f"exports/{name}" for name in ("merged", "onnx", "torchscript") if (folder / name).is_dir()}
    files = sorted((folder / "gguf").glob("model-*.gguf"))
    return found | {f"gguf-{file.stem.removeprefix('model-')}": f"exports/gguf/{file.name}" for file in files}


def _checkpoint(asked: dict[str, Any], place: str) -> Path:
    from trainer.checkpoints.sealed import is_valid, list_checkpoints, newest_valid, step_of

    uri = asked["uri"]
    folder = store_root().joinpath(*uri.removeprefix(SCHEME).split("/"))
    if asked["step"] == "last":
        chosen = newest_valid(folder)
    else:
        named = folder / f"step-{asked['step']}"
        chosen = named if is_valid(named) else None
    if chosen is None:
        steps = ", ".join(str(step_of(path)) for path in list_checkpoints(folder)) or "none"
        raise WorkerFailure(
            "data",
            "CheckpointNotFound",
            f'{place}: the run has no whole checkpoint "{asked["step"]}", only of the steps {steps}: name one of them, '
            "or raise checkpoint.keep of the FineTuneJob",
        )
    return chosen


@contextmanager
def loaded(source: Source) -> Iterator[Any]:
    """The model of a candidate, in memory for as long as it answers."""
    template = source.manifest.get("chatTemplate", {}).get("asked", "auto")
    base = load(with_context(source.base_model, source.manifest.get("context")), precision(), template)
    check_base(base.revision, source.manifest["baseModelRevision"])
    if source.file:
        model = _gguf(source, base)
    elif source.kind == "model":
        model = whole_model(source.folder, base)
    else:
        model = apply_adapter(base, source.folder)
    del base
    try:
        yield answering(model)
    finally:
        del model
        gc.collect()
        _free_gpu()


def _gguf(source: Source, base: Any) -> Any:
    """Weights of a GGUF file as transformers reads them: those that llama.cpp would multiply, in full precision."""
    from transformers import AutoModelForCausalLM

    try:
        model = AutoModelForCausalLM.from_pretrained(
            source.folder, gguf_file=source.file, dtype=base.model.dtype, local_files_only=True
        )
    except (OSError, ValueError, RuntimeError, ImportError) as error:
        text = str(error).split("\n")[0][:300]
        raise WorkerFailure(
            "config",
            "NoEngine",
            f'candidates "{source.name}": transformers cannot read "{source.file}" ({text}): evaluate the export '
            '"merged" of the same job instead',
        ) from error
    return model.eval().to(base.model.device)


def _free_gpu() -> None:
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()
