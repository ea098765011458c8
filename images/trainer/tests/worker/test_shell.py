"""How a worker ends: result file, exit code and log line agree."""

import errno
import json
from pathlib import Path
from typing import Any

import pytest

from worker import result
from worker.failure import WorkerFailure, exit_code
from worker.shell import run

ARTIFACT = {"uri": "pvc://doctune-artifacts/artifacts/reports/" + "0" * 64, "digest": "sha256:" + "0" * 64, "size": 1}


@pytest.fixture
def ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a worker body on an input file; gives exit code and result."""

    def ends(body: Any, content: str) -> tuple[int, dict[str, Any]]:
        (tmp_path / "input.json").write_text(content)
        monkeypatch.setenv("DOCTUNE_INPUT", str(tmp_path / "input.json"))
        monkeypatch.setenv("DOCTUNE_RESULT", str(tmp_path / "result"))
        code = run("evaluate-input", lambda _input, _reporter, _termination: body())
        return code, json.loads((tmp_path / "result").read_text())

    return ends


def valid_input() -> str:
    artifact = {"uri": ARTIFACT["uri"], "digest": ARTIFACT["digest"]}
    return json.dumps(
        {
            "version": 1,
            "run": {"namespace": "n", "name": "r", "id": "0" * 8},
            "dataset": artifact,
            "adapter": artifact,
            "baseModel": {"builtIn": "tiny"},
            "splits": ["recall"],
            "settings": [{"name": "default", "maxInputTokens": 512, "maxNewTokens": 64}],
            "metrics": ["bleu"],
            "maxSamples": 4,
            "batchSize": 4,
            "bootstrapSamples": 100,
            "seed": 1,
        }
    )


def failing(error: Exception) -> Any:
    def body() -> None:
        raise error

    return body


@pytest.mark.parametrize(
    ("error", "kind", "reason"),
    [
        (WorkerFailure("data", "MissingSplit", "x"), "data", "MissingSplit"),
        (MemoryError(), "hostOutOfMemory", "HostOutOfMemory"),
        (type("OutOfMemoryError", (RuntimeError,), {})("CUDA out of memory"), "gpuOutOfMemory", "GpuOutOfMemory"),
        (OSError(errno.ENOSPC, "no space"), "disk", "StoreFull"),
        (ZeroDivisionError("oops"), "internal", "InternalError"),
    ],
)
def test_a_failure_becomes_a_result_with_its_exit_code(ended: Any, error: Exception, kind: str, reason: str) -> None:
    code, written = ended(failing(error), valid_input())
    assert code == written["exitCode"] == exit_code(kind)
    assert written["reason"] == reason
    if reason.endswith("OutOfMemory"):
        assert "resources." in written["message"]


@pytest.mark.parametrize(
    ("content", "field"),
    [("{", "input file"), (valid_input().replace('"maxSamples": 4', '"maxSamples": "x"'), '"maxSamples"')],
)
def test_a_wrong_input_is_a_failure_of_the_configuration(ended: Any, content: str, field: str) -> None:
    code, written = ended(lambda: None, content)
    assert (code, written["reason"]) == (10, "InvalidInput")
    assert field in written["message"]


def test_a_long_message_in_any_script_is_cut_to_what_kubernetes_keeps(ended: Any, tmp_path: Path) -> None:
    _code, written = ended(failing(WorkerFailure("data", "MissingSplit", "数" * 5000)), valid_input())
    assert set(written["message"]) == {"数"}
    assert (tmp_path / "result").stat().st_size <= 4096


def test_a_result_that_kubernetes_would_cut_is_refused() -> None:
    row = ["inventedSymbols", "test", 0, *[1.23456789012345] * 5, 9, 0.123456789012345, "Inconclusive"]
    summary = {"settings": ["x" * 63], "results": [row] * 36, "report": None, "degenerate": None, "contaminated": {}}
    with pytest.raises(WorkerFailure, match="bytes"):
        result.success("evaluate-result", "Evaluated", "", ARTIFACT, summary)
