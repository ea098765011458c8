"""What a run leaves for people: the curve, the answers before and after, and every parameter."""

import json
import warnings
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from tests.trainer.builders import rows, train_input
from tests.trainer.workplace import Workplace
from trainer.outcome.curve import draw, plot, render_csv
from trainer.progress.samples import make_samples

HISTORY = [
    {"step": step, "loss": 3 / step, **({"eval_unseen_loss": 2 + step / 20} if step % 5 == 0 else {})}
    for step in range(1, 21)
]


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return Workplace(tmp_path_factory.mktemp("reports"))


@pytest.fixture(scope="module")
def value(work):
    return train_input(work.dataset(rows()))


@pytest.fixture(scope="module")
def run(work, value):
    return work.run(value)


def test_training_26_the_picture_has_300_dots_per_inch_and_a_copy_without_dots(run):
    from PIL import Image

    with Image.open(run.adapter / "loss_curve.png") as picture:
        assert round(picture.info["dpi"][0]) == 300
        # not one colour: three curves are drawn
        assert len(picture.convert("RGB").getcolors(1 << 20)) > 50
    assert ElementTree.parse(run.adapter / "loss_curve.svg").getroot().tag.endswith("svg")


def test_known_mistake_8_all_curves_have_one_axis_which_counts_steps():
    axes = plot(HISTORY, "title", None).axes
    assert [one.get_xlabel() for one in axes] == ["step"]
    # the validation curve ends where that of training does, at the last step, not at a number of epochs
    assert {line.get_xdata()[-1] for line in axes[0].get_lines()} == {20}
    lines = render_csv(HISTORY).splitlines()
    assert lines[0].startswith("step,")
    assert all(int(one.split(",")[0]) < int(other.split(",")[0]) for one, other in pairwise(lines[1:]))


def test_training_26_the_steps_of_overfitting_are_shaded():
    def shaded(overfitted_from):
        return [patch.get_x() for patch in plot(HISTORY, "title", overfitted_from).axes[0].patches]

    assert shaded(None) == []
    assert shaded(10) == [10]


def test_capability_61_a_chinese_title_has_all_its_letters(tmp_path):
    with warnings.catch_warnings():
        # a letter that no font has is a warning and an empty box
        warnings.simplefilter("error")
        draw(HISTORY, "微调：损失曲线 loss", tmp_path / "a.png", tmp_path / "a.svg")
    first = (tmp_path / "a.svg").read_bytes()
    draw(HISTORY, "微调：损失曲线 loss", tmp_path / "a.svg")
    assert (tmp_path / "a.svg").read_bytes() == first


def test_training_26_samples_are_greedy_and_drawn_of_base_and_tuned_model(run):
    samples = [json.loads(line) for line in (run.adapter / "generated_samples.jsonl").read_text("utf-8").splitlines()]
    assert len(samples) == 5
    assert all(sample["base"] != sample["tuned"] for sample in samples)
    assert any(sample["tuned"] != sample["tunedSampled"] for sample in samples)
    text = (run.adapter / "generated_samples.txt").read_text("utf-8")
    for sample in samples:
        assert sample["tuned"] in text
        assert sample["prompt"][-1]["content"] in text
    assert text.count("tuned, temperature 0.7, top 50") == 5


def test_known_mistake_5_a_long_prompt_leaves_the_answer_its_tokens():
    from peft import LoraConfig, get_peft_model

    from worker.models import load
    from worker.rows import Row

    base = load({"builtIn": "tiny"})
    messages = [{"role": "user", "content": "word " * 64}, {"role": "assistant", "content": "yes"}]
    model = get_peft_model(base.model, LoraConfig(target_modules="all-linear"))
    # the untrained model goes on and on, so nothing but the bound ends its answer
    sample = make_samples(model, base, {"builtIn": "tiny"}, [Row("long", messages, "en", None)], 32, 1)[0]
    assert len(base.tokenizer.encode(sample["tuned"])) > 16


def leaves(value, path=()):
    """(path, value) of each member that has no members."""
    if not isinstance(value, dict):
        yield path, value
        return
    for name, member in value.items():
        yield from leaves(member, (*path, name))


def test_known_mistake_6_the_results_have_every_parameter_of_the_input(run, value):
    results = run.results()
    missing = []
    for path, given in leaves(value):
        told = results["input"]
        for name in path:
            told = told.get(name, "nothing") if isinstance(told, dict) else "nothing"
        if told != given:
            missing.append((path, given, told))
    assert missing == []


def test_training_1_the_results_tell_the_machine_and_the_program(run):
    environment = run.results()["environment"]
    assert environment["program"].startswith("sha256:")
    assert set(environment) == {"program", "processor", "devices", "driver", "cuda"}
    results, manifest = run.results(), json.loads((run.adapter / "manifest.json").read_text("utf-8"))
    for part in ("settings", "libraries", "environment"):
        assert manifest[part] == results[part] != {}
