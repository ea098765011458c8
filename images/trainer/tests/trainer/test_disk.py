"""Space in the store: asked for before the weights load, and lost without a loss."""

import errno
import shutil

import pytest
import transformers

from tests.trainer.builders import train_input
from trainer.admission.disk import bytes_below, check_disk, space_of
from trainer.admission.vram import Plan, Shape, parameters
from worker.failure import WorkerFailure

LLAMA_8B = Shape(4096, 1024, 14336, 32, 128256, 32, False)
LORA = Plan("lora", 2048, 1, rank=16)


def asked(dataset, **output):
    return train_input(dataset, output=output, checkpoint={"keep": 3})


def test_training_4_what_a_run_writes_follows_from_its_model_and_exports():
    value = asked({"uri": "", "digest": ""}, merged=True, gguf=["q8_0", "q4_0"], onnx=True)
    weights = sum(parameters(LLAMA_8B))
    space = space_of(value, LLAMA_8B, LORA)
    assert space.exports == pytest.approx(weights * (2 + 34 / 32 + 18 / 32 + 4))
    # 42 M parameters: a checkpoint of 0.7 GB, of which four lie there at a time, and an adapter of 168 MB
    assert space.artifact == pytest.approx(4 * 41.9e6, rel=0.01)
    assert space.checkpoints == pytest.approx(4 * (16 * 41.9e6 + 33.6e6), rel=0.01)
    whole = space_of(asked({"uri": "", "digest": ""}), LLAMA_8B, Plan("full", 2048, 1))
    assert whole.exports == 0
    assert whole.artifact == 4 * weights


def test_training_4_the_estimate_covers_what_a_run_writes(work, dataset):
    value = asked(dataset, merged=True, gguf=["q8_0"])
    assert work.run(value).code == 0
    from trainer.admission.preflight import plan_of
    from trainer.admission.vram import known_shape
    from trainer.methods.settings import resolve_method
    from worker.models import load_config

    shape = known_shape(load_config(value["baseModel"]))
    space = space_of(value, shape, plan_of(value, resolve_method(value, "LoRA"), shape.layers, "fp32"))
    assert bytes_below(work.store / "runs") <= space.checkpoints
    artifact = next((work.store / "artifacts/adapters").iterdir())
    assert bytes_below(artifact / "exports") == pytest.approx(space.exports, rel=0.25)


@pytest.mark.parametrize("written", [0, 5e9])
def test_training_4_too_little_space_names_what_needs_it(tmp_path, monkeypatch, written):
    value = asked({"uri": "", "digest": ""}, merged=True)
    space = space_of(value, LLAMA_8B, LORA)
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1.05 * space.total - written - 1}))
    with pytest.raises(WorkerFailure) as refused:
        check_disk(space, tmp_path, written)
    assert (refused.value.code, refused.value.reason) == (51, "NotEnoughDisk")
    for words in ("exports 16.1", "checkpoint.keep", "leave exports out of output"):
        assert words in refused.value.message
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1.05 * space.total - written}))
    check_disk(space, tmp_path, written)


def test_training_4_a_run_without_space_is_refused_before_its_weights_load(work, short_run, monkeypatch):
    monkeypatch.setattr("trainer.recipe.load_base", lambda *_: pytest.fail("weights were loaded"))
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1 << 20}))
    failed = work.run(short_run)
    assert (failed.code, failed.result["reason"]) == (51, "NotEnoughDisk")


@pytest.mark.parametrize("moment", ["checkpoint", "adapter"])
def test_training_21_a_store_that_fills_up_loses_nothing(work, dataset, monkeypatch, moment):
    value = train_input(dataset)
    undisturbed = work.run(value).digest
    shutil.rmtree(work.store / "runs")
    shutil.rmtree(work.store / "artifacts/adapters")

    def full(write, is_due):
        def fails(self, *arguments, **named):
            if not is_due(self):
                return write(self, *arguments, **named)
            # what was written before the space was gone
            (work.store / "half").write_text("half a file")
            raise OSError(errno.ENOSPC, "No space left on device")

        return fails

    with monkeypatch.context() as patch:
        if moment == "checkpoint":
            save = transformers.Trainer._save_checkpoint
            patch.setattr(
                transformers.Trainer, "_save_checkpoint", full(save, lambda self: self.state.global_step == 8)
            )
        else:
            from trainer.outcome import summary as outcome

            patch.setattr(outcome, "save_adapter", full(outcome.save_adapter, lambda _: True))
        failed = work.run(value)
    assert (failed.code, failed.result["reason"]) == (51, "StoreFull")
    kept = sorted(path.name for path in (work.store / "runs" / value["run"]["id"] / "checkpoints").glob("step-*"))
    assert kept == (["step-4"] if moment == "checkpoint" else ["step-12", "step-8"])
    # half an artifact would take the space that was missing
    assert list((work.store / "tmp").glob("*/*")) == []
    assert work.run(value).digest == undisturbed
