"""A run without a network: it asks for none, and sends nothing to anybody."""

import socket

import pytest

from tests.trainer.builders import train_input


@pytest.fixture
def no_network(monkeypatch):
    """Every attempt to look up or to reach somebody, which fails as it does where there is nobody."""
    attempts = []

    def refuse(*arguments, **_):
        attempts.append(arguments)
        raise OSError("there is no network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    return attempts


@pytest.mark.parametrize("place", ["image", "claim"])
def test_training_5_a_run_with_its_exports_and_samples_asks_for_no_network(work, dataset, no_network, place):
    value = train_input(dataset, training={"maxSteps": 4}, output={"merged": True, "gguf": ["q8_0"]})
    if place == "claim":
        value["baseModel"] = {"path": "/models/tiny"}
    run = work.run(value)
    assert run.code == 0, run.result
    assert no_network == []
    assert (run.adapter / "exports/merged/config.json").is_file()


def test_training_5_the_refusal_is_one_that_a_run_would_notice(no_network):
    import urllib.request

    with pytest.raises(OSError, match="no network"):
        urllib.request.urlopen("http://127.0.0.1:9/", timeout=1)
    assert len(no_network) == 1
