"""From the start of the process to the first step: how long, and what is imported on the way."""

import json
import os
import subprocess
import sys
import time

import pytest

from tests.trainer.builders import train_input
from trainer.progress.startup import PHASES, StartUp, process_age
from trainer.unneeded import NEVER, hidden, unneeded
from worker.failure import CONTRACT

# none of them is needed to read the input and to refuse it
HEAVY = {
    "accelerate",
    "bitsandbytes",
    "datasets",
    "matplotlib",
    "numpy",
    "onnx",
    "onnxruntime",
    "pandas",
    "peft",
    "PIL",
} | {"pyarrow", "scipy", "sklearn", "statsmodels", "sympy", "tensorboardX", "torch", "transformers"}


def an_input(**more):
    """`more` takes the place of what it names, but for the fields of `training`."""
    training = more.pop("training", {})
    return {**train_input({}, training=training), **more}


def imported(program: str) -> set[str]:
    """Names of the packages that a new process has once it has run a program."""
    told = f"{program}\nimport sys\nprint(*{{name.partition('.')[0] for name, found in sys.modules.items() if found}})"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_program_begins_without_a_heavy_package():
    assert imported("import trainer.__main__").isdisjoint(HEAVY)


def test_a_run_imports_no_package_that_it_has_no_use_for():
    names = (*NEVER, "bitsandbytes")
    program = f"from trainer.unneeded import hidden\nwith hidden({names!r}):\n    import trainer.attempts"
    found = imported(program)
    assert found.isdisjoint({*names, "pandas", "pyarrow", "matplotlib", "onnx", "tensorboardX"})
    assert {"torch", "transformers", "peft"} <= found


def test_what_is_hidden_is_found_again_afterwards():
    with hidden(["this", "json"]):
        import json as known

        with pytest.raises(ImportError):
            import this  # noqa: F401
    assert known is json
    assert "this" not in sys.modules


@pytest.mark.parametrize(
    ("more", "is_hidden"),
    [
        ({"method": "LoRA"}, True),
        ({"method": "QLoRA"}, False),
        ({"method": "Auto"}, False),
        ({"method": "Auto", "quantization": {"bits": 8, "doubleQuant": True}}, False),
        ({"training": {"optimizer": "AdamW8bit"}, "method": "LoRA"}, False),
        ({"training": {"optimizer": "PagedAdamW8bit"}, "method": "LoRA"}, False),
        ({"training": {"optimizer": "Adafactor"}, "method": "LoRA"}, True),
        ({"method": "LoRA", "baseModel": {"huggingFace": {"repo": "a/b", "revision": "main"}}}, False),
    ],
)
def test_few_bits_are_imported_where_the_run_may_have_some(more, is_hidden):
    assert ("bitsandbytes" in unneeded(an_input(**more), is_gpu=True)) == is_hidden


def test_a_method_left_open_without_a_gpu_needs_no_few_bits():
    assert "bitsandbytes" in unneeded(an_input(method="Auto"), is_gpu=False)


@pytest.mark.parametrize(("config", "is_hidden"), [({}, True), ({"quantization_config": {}}, False), (None, False)])
def test_weights_of_a_claim_may_lie_in_few_bits(tmp_path, config, is_hidden):
    if config is not None:
        (tmp_path / "config.json").write_text(json.dumps(config), "utf-8")
    value = an_input(method="LoRA", baseModel={"path": str(tmp_path)})
    assert ("bitsandbytes" in unneeded(value, is_gpu=True)) == is_hidden


def test_phases_add_up_and_end_with_the_first_step():
    times = iter([100.0, 101.5, 102.0, 104.0, 104.25])
    start_up = StartUp(age=0.5, clock=lambda: next(times))
    for phase in ("python", "admission", "python", "firstStep"):
        assert not start_up.is_over
        start_up.done(phase)
    start_up.done("firstStep")
    assert start_up.is_over
    assert start_up.seconds() == {"python": 4.0, "admission": 0.5, "firstStep": 0.25}
    assert list(start_up.seconds()) == ["python", "admission", "firstStep"]
    assert start_up.total == 4.75


def test_a_process_knows_its_age():
    program = (
        "import time; time.sleep(.3); from trainer.progress.startup import process_age; a = process_age(); print(a)"
    )
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert 0.3 <= float(done.stdout) <= time.monotonic() - began + 0.05


def test_a_program_with_brackets_in_its_name_has_an_age(tmp_path):
    fields = ["S", *["0"] * 18, str(os.sysconf("SC_CLK_TCK")), "0"]
    (tmp_path / "stat").write_text(f"7 (a) b) {' '.join(fields)}\n", "utf-8")
    assert process_age(tmp_path / "stat") == pytest.approx(time.clock_gettime(time.CLOCK_BOOTTIME) - 1, abs=1)


def test_the_contract_knows_the_phases():
    schema = json.loads((CONTRACT / "train-result.schema.json").read_text("utf-8"))
    told = schema["properties"]["summary"]["properties"]["startup"]["propertyNames"]["enum"]
    assert tuple(told) == PHASES


def test_a_run_tells_its_start_by_phase_and_its_artifact_does_not(work, dataset):
    began = time.monotonic()
    process = work.start(train_input(dataset, training={"maxSteps": 2}))
    output, _ = process.communicate(timeout=300)
    run = work._finished(process.returncode)
    lines = [json.loads(line) for line in output.splitlines()]
    told = next(line for line in lines if line["msg"] == "first step done")
    phases = run.result["summary"]["startup"]
    assert told["phases"] == phases
    assert tuple(phases) == PHASES
    assert sum(phases.values()) == pytest.approx(told["seconds"], abs=0.1)
    assert told["seconds"] < time.monotonic() - began
    progress = [line for line in lines if line["msg"] == "progress"]
    assert progress[-1]["startup_seconds"] == told["seconds"]
    assert '"startup' not in (run.adapter / "experiment_results.json").read_text("utf-8")
