"""The models inside the image."""

import filecmp
import json
from pathlib import Path

from trainer.builtin_models import make_tiny
from worker.digests import CHECKSUM_FILE, render_checksums
from worker.models import load


def test_tiny_has_the_same_bytes_each_time_it_is_made(tmp_path):
    make_tiny(tmp_path / "tiny")
    files = [path.name for path in Path("/models/tiny").iterdir()]
    same, different, missing = filecmp.cmpfiles("/models/tiny", tmp_path / "tiny", files, shallow=False)
    assert (sorted(same), different, missing) == (sorted(files), [], [])


def test_tiny_is_tiny():
    base = load({"builtIn": "tiny"})
    assert 1e6 < base.model.num_parameters() < 5e6
    text = "fastify.get('/x', async () => {\n  return 1 // größer\n})"
    assert base.tokenizer.decode(base.tokenizer.encode(text)) == text


def test_smollm2_carries_its_note_and_its_files_are_whole():
    folder = Path("/models/smollm2-135m")
    assert "dequantised from Q4_1" in json.loads((folder / "doctune.json").read_text("utf-8"))["note"]
    assert render_checksums(folder) == (folder / CHECKSUM_FILE).read_text("utf-8")


def test_smollm2_answers():
    from trainer.progress.samples import GREEDY, generate

    base = load({"builtIn": "smollm2-135m"})
    prompt = [{"role": "user", "content": "What is the capital of France?"}]
    answers = generate(base.model, base, [prompt], {**GREEDY, "max_new_tokens": 64})
    assert "Paris" in answers[0]
