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


@pytest.fixture
def trained(work, dataset, base_model):
    """The run of a base model that gets the tokens of ChatML, beside modules that are trained whole."""

    def run(*whole):
        training = {"maxSteps": 2, "chatTemplate": "chatml"}
        value = train_input(dataset, lora={"modulesToSave": list(whole)}, training=training)
        return work.run({**value, "baseModel": base_model})

    return run


def untie(base_model):
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(base_model["path"], tie_word_embeddings=False)
    model.save_pretrained(base_model["path"])


@pytest.mark.parametrize(
    ("whole", "is_tied", "by_row"),
    [
        # the output of the model, which shares its weights with the input, must tell new tokens apart as well
        (["embed_tokens"], True, ["lm_head"]),
        (["embed_tokens", "lm_head"], True, []),
        (["embed_tokens"], False, ["lm_head"]),
        (["lm_head"], False, ["embed_tokens"]),
        (["embed_tokens", "lm_head"], False, []),
    ],
)
def test_training_6_new_tokens_are_trained_beside_modules_that_are_trained_whole(
    trained, base_model, whole, is_tied, by_row
):
    from evaluator.subject import load_subject

    if not is_tied:
        untie(base_model)
    run = trained(*whole)
    assert run.code == 0, run.result
    weights = load_file(run.adapter / "adapter/adapter_model.safetensors")
    deltas = {name.split(".")[-3]: weight for name, weight in weights.items() if "trainable_tokens" in name}
    ends = ("embed_tokens.weight", "lm_head.weight")
    tables = {name.split(".")[-2]: weight for name, weight in weights.items() if name.endswith(ends)}
    assert (sorted(tables), list(deltas)) == (whole, by_row)
    # the rows of the two new tokens began as one
    for rows in (*deltas.values(), *(table[-2:] for table in tables.values())):
        assert (rows[0] != rows[1]).any()
    load_subject(base_model, run.adapter)


def test_training_6_a_tied_output_that_is_trained_whole_leaves_no_place_for_new_tokens(trained):
    failed = trained("lm_head")
    assert (failed.code, failed.result["reason"]) == (10, "UnfitCombination")
    assert '"lm_head" of this base model shares its weights with "embed_tokens"' in failed.result["message"]
