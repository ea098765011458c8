"""Reports of a run over HTTPS with a bearer token, and a server that is dead."""

import json
import ssl
import subprocess
import threading
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.trainer.builders import stage
from trainer.progress.memory import read_memory
from worker.contract import problem


@pytest.fixture
def server(tmp_path):
    certificate, key = tmp_path / "ca.crt", tmp_path / "tls.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=operator"]
        + ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):  # noqa: N802 (http.server's name)
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.reports.append((self.path, self.headers["Authorization"], json.loads(body)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.reports, server.certificate = [], certificate
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def test_a_run_reports_by_the_protocol(work, short_run, server, tmp_path, monkeypatch):
    (tmp_path / "token").write_text("the-token\n")
    monkeypatch.setenv("KUBEFLOW_TRAINER_SERVER_URL", f"https://127.0.0.1:{server.server_port}/runs/quickstart")
    monkeypatch.setenv("KUBEFLOW_TRAINER_SERVER_CA_CERT", str(server.certificate))
    monkeypatch.setenv("KUBEFLOW_TRAINER_SERVER_TOKEN", str(tmp_path / "token"))
    run = work.run(short_run)
    assert {(path, token) for path, token, _ in server.reports} == {("/runs/quickstart", "Bearer the-token")}
    assert [problem("progress", body) for _, _, body in server.reports if problem("progress", body)] == []
    statuses = [body["trainerStatus"] for _, _, body in server.reports]
    # a second reporter, which transformers would add by itself, tells no step
    assert all("step" in {metric["name"] for metric in status["metrics"]} for status in statuses)
    assert (statuses[0]["progressPercentage"], statuses[-1]["progressPercentage"]) == (0, 100)
    last = {metric["name"]: float(metric["value"]) for metric in statuses[-1]["metrics"]}
    assert last["eval_recall_loss"] == pytest.approx(run.result["summary"]["evalRecallLoss"])
    names = {metric["name"] for status in statuses for metric in status["metrics"]}
    assert names >= {"step", "total_steps", "epoch", "loss", "learning_rate", "grad_norm", "tokens_per_second"}
    assert names >= {
        "eval_loss",
        "eval_recall_loss",
        "eval_unseen_loss",
        "perplexity",
        "checkpoint_step",
        "checkpoint_seconds",
    }
    assert names >= {"host_memory_bytes", "host_memory_peak_bytes"} or "gpu_memory_bytes" in names


def test_a_dead_server_changes_nothing(work, short_run, server, monkeypatch):
    server.shutdown()
    server.server_close()
    monkeypatch.setenv("KUBEFLOW_TRAINER_SERVER_URL", f"https://127.0.0.1:{server.server_port}/runs/quickstart")
    assert work.run(short_run).code == 0


# what training.md names, by the names of a line
POINT_25 = {
    **{"ts": "time", "stage": "stage", "step": "step", "total": "total_steps", "epoch": "epoch"},
    **{"loss": "loss", "val_loss": "eval_loss", "lr": "learning_rate", "grad_norm": "grad_norm", "tokens": "tokens"},
    **{"tok/s": "tokens_per_second", "MFU": "mfu", "GPU util": "gpu_utilization", "ETA": "remaining_seconds"},
    **{"VRAM alloc": "gpu_memory_allocated_bytes", "VRAM reserved": "gpu_memory_reserved_bytes"},
    **{"VRAM peak": "gpu_memory_peak_bytes"},
}
OF_A_GPU = {name for name in POINT_25.values() if name.startswith("gpu")} | {"mfu"}


def test_training_25_a_line_of_progress_has_every_field(work, short_run):
    import torch

    stages = [stage("Sft", maxSteps=6), stage("Sft", maxSteps=6)]
    asked = {**short_run, "training": {**short_run["training"], "maxSteps": None}, "stages": stages}
    assert work.run(asked).code == 0
    text = (work.store / "runs" / short_run["run"]["id"] / "progress.jsonl").read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert [sorted(set(POINT_25.values()) - set(line)) for line in lines] == [[]] * len(lines)
    last = lines[-1]
    assert datetime.fromisoformat(last["time"]).tzinfo is not None
    assert (last["stage"], last["step"], last["total_steps"]) == (1, 12, 12)
    numbers = {name: last[name] for name in set(POINT_25.values()) - {"time"} - OF_A_GPU}
    assert [name for name, value in numbers.items() if not isinstance(value, int | float)] == []
    assert min(numbers[name] for name in ("epoch", "loss", "eval_loss", "grad_norm", "tokens", "tokens_per_second")) > 0
    if torch.cuda.is_available():
        assert 0 < last["gpu_memory_allocated_bytes"] <= last["gpu_memory_reserved_bytes"]
        assert last["gpu_memory_reserved_bytes"] <= last["gpu_memory_peak_bytes"]
    else:
        assert [name for name in OF_A_GPU if last[name] is not None] == []


def test_training_25_memory_of_a_gpu_is_told_as_allocated_reserved_and_peak(monkeypatch):
    import torch

    told = {"is_available": True, "mem_get_info": (60, 100), "max_memory_reserved": 30}
    for name, value in {**told, "memory_allocated": 10, "memory_reserved": 20}.items():
        monkeypatch.setattr(torch.cuda, name, lambda value=value: value)
    memory = read_memory()
    assert (memory.allocated, memory.reserved, memory.peak) == (10, 20, 30)
    assert memory.as_metrics() == {"gpu_memory_bytes": 40, "gpu_memory_peak_bytes": 30}
