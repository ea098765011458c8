"""Training a base model, which has no chat template: the evaluator sees what was trained."""

import shutil

import pytest
from safetensors.torch import load_file

from tests.trainer.builders import train_input


@pytest.fixture
def base_model(tmp_path):
    """tiny without its template, as a folder on a claim."""
    folder = tmp_path / "base"
    shutil.copytree("/models/tiny", folder)
    (folder / "chat_template.jinja").unlink()
    return {"path": str(folder)}


@pytest.mark.parametrize(("asked", "used", "added"), [("auto", "alpaca", 0), ("chatml", "chatml", 2)])
def test_training_6_training_and_evaluation_share_a_template(work, dataset, base_model, asked, used, added):
    from transformers import AutoTokenizer

    from evaluator.subject import load_subject

    value = train_input(dataset, baseModel=base_model, training={"maxSteps": 2, "chatTemplate": asked})
    value["baseModel"] = base_model
    run = work.run(value)
    assert run.code == 0
    assert run.results()["chatTemplate"] == {"asked": asked, "used": used}
    subject = load_subject(base_model, run.adapter)
    saved = AutoTokenizer.from_pretrained(run.adapter / "adapter")
    assert saved.chat_template == subject.tokenizer.chat_template
    assert len(saved) == 4096 + added
    trained = load_file(run.adapter / "adapter/adapter_model.safetensors")
    deltas = [weight for name, weight in trained.items() if "trainable_tokens" in name]
    # both tokens began as the mean of all, and learnt to differ
    assert [tuple(delta.shape) for delta in deltas] == ([(2, 128)] if added else [])
    assert all((delta[0] != delta[1]).any() for delta in deltas)
    # and no copy of all other embeddings
    assert not [name for name in trained if name.endswith("embed_tokens.weight")]
