"""Base models on a claim, in all forms that weights have."""

import json

import pytest
import torch

from tests.trainer.builders import train_input
from worker.models import load


def as_safetensors(model, folder):
    model.save_pretrained(folder, max_shard_size="300KB")
    assert len(list(folder.glob("model-*.safetensors"))) > 1


def as_bin(model, folder, shards):
    model.config.save_pretrained(folder)
    # tied weights are written once
    weights = {name: weight.clone() for name, weight in model.state_dict().items() if name != "lm_head.weight"}
    if shards == 1:
        torch.save(weights, folder / "pytorch_model.bin")
        return
    names = [f"pytorch_model-{number + 1:05}-of-{shards:05}.bin" for number in range(shards)]
    places = {name: names[number % shards] for number, name in enumerate(weights)}
    for file in names:
        torch.save({name: weights[name] for name, place in places.items() if place == file}, folder / file)
    index = {"metadata": {"total_size": 0}, "weight_map": places}
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps(index), "utf-8")


@pytest.mark.parametrize(
    "write",
    [as_safetensors, lambda model, folder: as_bin(model, folder, 1), lambda model, folder: as_bin(model, folder, 3)],
    ids=["sharded-safetensors", "bin", "sharded-bin"],
)
def test_known_mistake_9_weights_are_read_in_every_form(work, dataset, tmp_path, write):
    base = load({"builtIn": "tiny"})
    assert base.model.config.tie_word_embeddings
    folder = tmp_path / "model"
    folder.mkdir()
    write(base.model, folder)
    base.tokenizer.save_pretrained(folder)
    copy = load({"path": str(folder)}).model.state_dict()
    assert all(torch.equal(weight, copy[name]) for name, weight in base.model.state_dict().items())
    run = work.run({**train_input(dataset, training={"maxSteps": 1}), "baseModel": {"path": str(folder)}})
    assert (run.code, run.result["summary"]["baseModelRevision"].startswith("sha256:")) == (0, True)
