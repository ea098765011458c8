"""What a worker says of itself can be read line by line."""

import json
import os
import subprocess
import sys

PROGRAM = """
import sys
from worker.log import set_up_logs
set_up_logs()
import warnings
warnings.warn("something that matters", FutureWarning)
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("/models/tiny", local_files_only=True)
get_peft_model(model, LoraConfig(target_modules=["q_proj"]))
"""


def test_warnings_are_lines_of_the_log_and_that_of_peft_about_transformers_is_left_out():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "TQDM_DISABLE": "1"},
    )
    lines = [json.loads(line)["msg"] for line in done.stdout.splitlines()]
    assert any("something that matters" in line for line in lines)
    assert not any("is_gradient_checkpointing" in line for line in lines), lines
    assert "is_gradient_checkpointing" not in done.stderr
