"""The server that the evaluator starts itself: the real one, on `tiny`."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from evaluator.evaluate import evaluate
from evaluator.serving import models
from evaluator.serving.local import measure_local
from evaluator.serving.memory import GpuMemory, peak_memory
from evaluator.serving.models import can_be_served
from evaluator.serving.server import started
from evaluator.subject import load_subject
from tests.evaluator.test_evaluate import run
from worker.contract import problem
from worker.failure import WorkerFailure
from worker.models import load
from worker.progress import Reporter
from worker.store import artifact_folder
from worker.termination import Termination

LOCAL = {
    "local": {"maxTokens": 6, "startTimeoutSeconds": 300},
    "concurrency": [1, 4],
    "requests": 4,
    "pricePerHour": 3.6,
}


def servers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children(recursive=True) if "serve" in child.cmdline()]


def test_evaluation_11_an_evaluation_serves_both_models_itself(evaluation: dict[str, Any]) -> None:
    temporary = set(Path("/tmp").glob("serving-*"))
    result, folder = run(evaluation | {"metrics": ["bleu"], "serving": LOCAL})
    rows = result["summary"]["serving"]
    assert [f"{row['model']} {row['concurrency']}" for row in rows] == ["tuned 1", "tuned 4", "base 1", "base 4"]
    weights = sum(file.stat().st_size for file in Path("/models/tiny").glob("*.safetensors"))
    for row in rows:
        assert (row["requests"], row["failed"]) == (4, 0)
        assert 0 < row["ttftP50"] <= row["ttftP90"] <= row["ttftP99"]
        assert row["tokensPerSecond"] > row["requestsPerSecond"] > 0
        # 3.6 an hour are a thousandth a second, and so is a thousand queries at one a second
        assert row["costPerThousand"] == pytest.approx(1 / row["requestsPerSecond"], rel=0.05)
        # what Python and torch take at the least, and no more than the test may have
        assert 100 << 20 < row["peakMemoryBytes"] < 4 << 30
        assert weights / 2 <= row["modelBytes"] <= 2.1 * weights
        assert "peakGpuMemoryBytes" not in row
    text = (folder / "report.md").read_text()
    assert "## Serving" in text and "that server answers one request at a time" in text
    assert json.loads((folder / "report.json").read_text())["serving"]["results"] == rows
    assert servers() == [] and set(Path("/tmp").glob("serving-*")) == temporary


def config_of(method: str) -> Any:
    """Of peft, by the methods that a training has; None for a whole model."""
    from peft import AdaLoraConfig, IA3Config, LoraConfig

    common: dict[str, Any] = {"target_modules": ["q_proj", "v_proj"], "task_type": "CAUSAL_LM"}
    return {
        "lora": lambda: LoraConfig(r=4, **common),
        "saved modules": lambda: LoraConfig(r=4, modules_to_save=["norm"], **common),
        "bias": lambda: LoraConfig(r=4, bias="all", **common),
        "dora": lambda: LoraConfig(r=4, use_dora=True, **common),
        "adalora": lambda: AdaLoraConfig(init_r=4, total_step=10, **common),
        "ia3": lambda: IA3Config(feedforward_modules=[], **common),
        "model": lambda: None,
    }[method]()


def trained_by(method: str) -> Callable[[Path], None]:
    """Puts what the method makes, with weights that tell, in the place of a published adapter."""
    import torch
    from peft import get_peft_model

    def replace(folder: Path) -> None:
        config, model = config_of(method), load({"builtIn": "tiny"}).model
        model = get_peft_model(model, config) if config else model
        generator = torch.Generator().manual_seed(1)
        with torch.no_grad():
            for _, weight in sorted(model.named_parameters()):
                if weight.requires_grad:
                    weight.add_(0.3 * torch.randn(weight.shape, generator=generator))
        for file in (folder / "adapter").glob("adapter_*"):
            file.unlink()
        if config is None:
            (folder / "adapter").rename(folder / "model")
            manifest = json.loads((folder / "manifest.json").read_text())
            (folder / "manifest.json").write_text(json.dumps(manifest | {"kind": "model"}))
        model.save_pretrained(folder / ("adapter" if config else "model"))

    return replace


@pytest.mark.parametrize("method", ["lora", "saved modules", "bias", "dora", "adalora", "ia3", "model"])
def test_evaluation_11_both_are_served_as_they_were_evaluated(
    method: str, publish_adapter: Any, tmp_path: Path
) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from worker.chat import encode_prompt, end_of_turn_ids

    artifact = artifact_folder(publish_adapter(0.5, trained_by(method)), "adapter")
    subject = load_subject({"builtIn": "tiny"}, artifact)
    assert can_be_served(subject)
    asked = [{"role": "user", "content": "What does option 1 set?"}]
    ids = torch.tensor([encode_prompt(subject.tokenizer, asked)])
    with torch.no_grad():
        wanted = {}
        for name in ("base", "tuned"):
            with subject.acting_as(name) as model:
                wanted[name] = model(input_ids=ids).logits
    models.write_models(subject, {"builtIn": "tiny"}, artifact, tmp_path)
    assert not torch.allclose(wanted["base"], wanted["tuned"], atol=1e-2)
    for name, logits in wanted.items():
        served = AutoModelForCausalLM.from_pretrained(tmp_path / name, dtype="auto").eval()
        tokenizer = AutoTokenizer.from_pretrained(tmp_path / name)
        assert served.dtype == subject.model.dtype
        assert served.generation_config.eos_token_id == end_of_turn_ids(tokenizer)
        assert encode_prompt(tokenizer, asked) == ids[0].tolist()
        with torch.no_grad():
            assert torch.allclose(served(input_ids=ids).logits, logits, atol=1e-4)
    assert sum(weight.numel() for weight in subject.model.parameters()) == 0
    assert (subject.model.dtype, subject.model.device.type) == (torch.float32, "cpu")


def test_evaluation_11_sigterm_ends_the_server_too(evaluation: dict[str, Any]) -> None:
    termination = Termination().install()
    seen: list[psutil.Process] = []

    def stop_once_it_is_there() -> None:
        while not (there := servers()):
            time.sleep(0.05)
        seen.extend(there)
        os.kill(os.getpid(), signal.SIGTERM)

    watcher = threading.Thread(target=stop_once_it_is_there, daemon=True)
    watcher.start()
    try:
        with pytest.raises(WorkerFailure) as failed:
            evaluate(evaluation | {"metrics": ["bleu"], "serving": LOCAL}, Reporter(None), termination)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
    assert (failed.value.kind, failed.value.reason) == ("preemptedSaved", "PreemptedSaved")
    assert len(seen) == 1 and not seen[0].is_running()


def test_evaluation_11_a_server_that_ends_at_once_is_told_with_its_log(tmp_path: Path) -> None:
    (tmp_path / "tuned").mkdir()
    for file in Path("/models/tiny").iterdir():
        if file.suffix != ".safetensors":
            (tmp_path / "tuned" / file.name).symlink_to(file)
    with started(tmp_path / "tuned", "cpu") as server, pytest.raises(WorkerFailure) as failed:
        server.wait(300)
    failure = failed.value
    assert (failure.kind, failure.reason) == ("config", "ServerFailed")
    assert failure.message.startswith("serving.local: transformers serve of the tuned model ended before it could")
    assert "name the server in serving.openai" in failure.message
    # what transformers says of it
    assert "no file named model.safetensors" in failure.message
    assert len(failure.message) < 1024


def test_evaluation_11_a_server_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with started(tmp_path / "tuned", "cpu") as server:
        with pytest.raises(WorkerFailure) as failed:
            server.wait(0)
        assert server.process.poll() is None
    assert failed.value.reason == "ServerNotHealthy"
    assert "raise serving.local.startTimeout, or serve the model elsewhere" in failed.value.message
    assert server.process.poll() is not None


def test_evaluation_11_a_server_that_was_killed_is_told_as_short_of_memory(tmp_path: Path) -> None:
    with started(tmp_path / "base", "cpu") as server:
        server.process.kill()
        with pytest.raises(WorkerFailure) as failed:
            server.wait(300)
    assert (failed.value.kind, failed.value.reason) == ("hostOutOfMemory", "ServerOutOfMemory")
    assert "raise spec.resources.memory" in failed.value.message


def test_evaluation_11_without_room_for_both_nothing_is_written(
    evaluation: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    artifact = artifact_folder(evaluation["adapter"], "adapter")
    subject = load_subject({"builtIn": "tiny"}, artifact)
    monkeypatch.setattr(models.shutil, "disk_usage", lambda _folder: SimpleNamespace(free=1000))
    with pytest.raises(WorkerFailure) as failed:
        measure_local(LOCAL, ["a"], subject, {"builtIn": "tiny"}, artifact, Termination())
    assert (failed.value.kind, failed.value.reason) == ("disk", "NoRoomToServe")
    assert "has 1000 bytes free" in failed.value.message and "ephemeral storage" in failed.value.message


def test_evaluation_11_a_server_of_ours_that_fails_costs_nothing_but_its_times(
    evaluation: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models.shutil, "disk_usage", lambda _folder: SimpleNamespace(free=1000))
    result, folder = run(evaluation | {"metrics": ["perplexity"], "serving": LOCAL})
    assert result["summary"]["notes"] == ["NotServed"]
    assert "serving" not in result["summary"]
    assert len(result["summary"]["results"]) == 2
    assert "ephemeral storage" in (folder / "report.md").read_text()


def test_evaluation_11_what_cannot_be_merged_is_a_note(evaluation: dict[str, Any], publish_adapter: Any) -> None:
    from peft import PromptTuningConfig, get_peft_model

    def as_prompt_tuning(folder: Path) -> None:
        model = get_peft_model(load({"builtIn": "tiny"}).model, PromptTuningConfig("CAUSAL_LM", num_virtual_tokens=2))
        for file in (folder / "adapter").glob("adapter_*"):
            file.unlink()
        model.save_pretrained(folder / "adapter")

    adapter = publish_adapter(0.5, as_prompt_tuning)
    result, folder = run(evaluation | {"adapter": adapter, "metrics": ["perplexity"], "serving": LOCAL})
    assert result["summary"]["notes"] == ["NotServable"]
    assert "serving" not in result["summary"]
    assert len(result["summary"]["results"]) == 2
    assert "name that in serving.openai" in (folder / "report.md").read_text()


@pytest.mark.parametrize(
    "changes",
    [
        {"local": None},
        {"endpoint": {"baseURL": "http://a/v1", "model": "m"}},
        {"baseModel": "plain"},
        {"pricePerHour": 0},
        {"pricePerHour": -1},
    ],
)
def test_evaluation_11_a_server_is_either_there_or_started_and_is_not_free(
    evaluation: dict[str, Any], changes: dict[str, Any]
) -> None:
    assert problem("evaluate-input", evaluation | {"serving": LOCAL}) is None
    wanted = {name: value for name, value in (LOCAL | changes).items() if value is not None}
    assert problem("evaluate-input", evaluation | {"serving": wanted}) is not None


class Nvml:
    """NVML of two devices whose memory a test sets; None makes it fail."""

    class NVMLError(Exception):
        pass

    def __init__(self) -> None:
        self.used: dict[str, int | None] = {"a": 500, "b": 700}

    def nvmlDeviceGetMemoryInfo(self, handle: str) -> SimpleNamespace:  # noqa: N802 (NVML's name)
        if self.used[handle] is None:
            raise self.NVMLError
        return SimpleNamespace(used=self.used[handle])


def test_evaluation_11_gpu_memory_is_what_came_to_what_was_held() -> None:
    nvml = Nvml()
    gpus = GpuMemory(nvml, ["a", "b"])
    assert gpus.peak == 0
    for used in (900, 2500, None, 600):
        nvml.used["a"] = used
        gpus.take()
    assert gpus.peak == 2000


def test_evaluation_11_peak_memory_is_that_of_all_processes(tmp_path: Path) -> None:
    import subprocess
    import sys

    child = "held = bytearray(50 << 20); del held; print('done', flush=True); import time; time.sleep(60)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None and process.stdout.readline() == b"done\n"
            (grandchild,) = psutil.Process(process.pid).children()
            peak = peak_memory(process.pid)
            # the peak counts, though it was given back
            assert peak is not None and peak > 50 << 20
            assert peak > psutil.Process(process.pid).memory_info().rss + grandchild.memory_info().rss
        finally:
            grandchild.kill()
            process.kill()
    assert peak_memory(process.pid) is None
