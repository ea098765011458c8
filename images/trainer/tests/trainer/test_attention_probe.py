"""Figures of where attention goes: right on attention that is known, and in TensorBoard alone."""

import math

import pytest
import torch

from tests.trainer.builders import train_input
from trainer.progress.attention_probe import figures


def test_capability_37_figures_of_known_attention():
    length = 20
    itself = torch.eye(length)[None]
    assert figures(itself) == pytest.approx({"distance": 0, "head_mass": 0.1, "tail_mass": 0.1, "entropy": 0})
    first = torch.zeros(1, length, length)
    first[..., 0] = 1
    assert figures(first) == pytest.approx({"distance": 9.5, "head_mass": 1, "tail_mass": 0, "entropy": 0})
    # all that came before, evenly
    even = torch.tril(torch.ones(length, length)) / torch.arange(1, length + 1)[:, None]
    found = figures(even[None])
    assert found["distance"] == pytest.approx(sum(range(length)) / 2 / length)
    assert found["entropy"] == pytest.approx(sum(math.log(number) for number in range(1, length + 1)) / length)


def test_training_24_the_probe_is_in_tensorboard_and_changes_nothing(work, dataset, monkeypatch):
    from trainer.progress.tensorboard import Events

    written = []
    write = Events.write
    monkeypatch.setattr(
        Events, "write", lambda self, step, metrics: (written.append((step, metrics)), write(self, step, metrics))[1]
    )

    def run(is_on, run_id):
        return work.run(train_input(dataset, run={"id": run_id}, training={"attentionProbe": is_on, "maxSteps": 8}))

    without = run(False, "aaaaaaaa")
    assert not any("attention/entropy" in metrics for _, metrics in written)
    probed = run(True, "bbbbbbbb")
    found = {step: metrics for step, metrics in written if "attention/entropy" in metrics}
    assert sorted(found) == [0, 4, 8]
    assert all(metrics["attention/entropy"] > 0 and metrics["attention/distance"] > 0 for metrics in found.values())
    # the losses are those of a run that nobody looked at
    assert probed.results()["history"] == without.results()["history"]
