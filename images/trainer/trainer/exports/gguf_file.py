"""GGUF files, by the writer, the table of names and the quantizers of the `gguf` package.

The package quantises to F16, Q8_0 and the legacy types of 4 and 5 bits. The K types, such as q4_k_m, need the program
`llama-quantize` of llama.cpp, which makes them from our f16 file.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.exports.gguf_vocabulary import add_vocabulary, check_vocabulary
from trainer.exports.reference import Forward
from worker.failure import WorkerFailure

if TYPE_CHECKING:
    import torch
    from gguf import GGMLQuantizationType, GGUFWriter
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

ARCHITECTURES = ("llama", "qwen2", "qwen3")
# embedding and output layer suffer most from 4 and 5 bits
LEAST_BITS_8 = ("token_embd.weight", "output.weight")


def file_name(kind: str) -> str:
    return f"model-{kind}.gguf"


def check_gguf(config: Any, tokenizer: "PreTrainedTokenizerBase") -> None:
    """WorkerFailure `config` for a model that cannot be written, before it is trained."""
    if config.model_type not in ARCHITECTURES:
        known = ", ".join(f'"{name}"' for name in ARCHITECTURES)
        raise _unsupported(f'models of the type "{config.model_type}" cannot be written, only {known}')
    if rope(config).get("rope_type", "default") != "default":
        raise _unsupported(f'positions scaled by "{rope(config)["rope_type"]}" cannot be written')
    check_vocabulary(tokenizer)


def rope(config: Any) -> dict[str, Any]:
    return getattr(config, "rope_parameters", None) or {}


def write_gguf(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", kind: str, file: Path) -> None:
    """One file with weights of `kind`, such as q8_0, tokenizer and chat template."""
    import gguf

    config = model.config
    writer = gguf.GGUFWriter(file, config.model_type)
    writer.add_name(file.parent.name)
    add_shape(writer, config)
    file_types = {"f16": "MOSTLY_F16", **{name: f"MOSTLY_{name.upper()}" for name in (kind,) if name != "f16"}}
    writer.add_file_type(gguf.LlamaFileType[file_types[kind]])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    add_vocabulary(writer, tokenizer, model.get_input_embeddings().num_embeddings)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH[config.model_type.upper()], config.num_hidden_layers)
    for name, weight in model.state_dict().items():
        target = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if target is None or (target == "output.weight" and config.tie_word_embeddings):
            continue
        values = ordered(name, weight.detach().float().cpu(), config).contiguous().numpy()
        dtype = type_for(target, values.shape, gguf.GGMLQuantizationType[kind.upper()])
        writer.add_tensor(target, gguf.quants.quantize(values, dtype), raw_dtype=dtype)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def add_shape(writer: "GGUFWriter", config: Any) -> None:
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    writer.add_key_length(width)
    writer.add_value_length(width)
    writer.add_rope_dimension_count(width)
    writer.add_rope_freq_base(rope(config).get("rope_theta", 10000.0))
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)


def ordered(name: str, weight: "torch.Tensor", config: Any) -> "torch.Tensor":
    """llama.cpp turns neighbouring pairs of a Llama's queries and keys, transformers the two halves of a head."""
    heads = {"q_proj": config.num_attention_heads, "k_proj": config.num_key_value_heads}
    own = next((number for part, number in heads.items() if f".{part}." in name), None)
    if config.model_type != "llama" or own is None:
        return weight
    halves = weight.reshape(own, 2, weight.shape[0] // own // 2, *weight.shape[1:])
    return halves.swapaxes(1, 2).reshape(weight.shape)


def type_for(name: str, shape: tuple[int, ...], wanted: "GGMLQuantizationType") -> "GGMLQuantizationType":
    """Norms and biases stay whole, rows that no block fits stay in 16 bits."""
    from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

    if len(shape) == 1:
        return GGMLQuantizationType.F32
    if shape[-1] % GGML_QUANT_SIZES[wanted][0]:
        return GGMLQuantizationType.F16
    is_small = wanted not in (GGMLQuantizationType.F16, GGMLQuantizationType.Q8_0)
    return GGMLQuantizationType.Q8_0 if is_small and name in LEAST_BITS_8 else wanted


def load_gguf(file: Path) -> Forward:
    """The weights as transformers reads them back, which has its own table of names and its own dequantizers."""
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32).eval()
    return lambda ids: model(input_ids=ids, use_cache=False).logits


def read_template(file: Path) -> str:
    from gguf import GGUFReader

    return GGUFReader(file).get_field("tokenizer.chat_template").contents()


def _unsupported(what: str) -> WorkerFailure:
    return WorkerFailure(
        "config",
        "ExportUnsupported",
        f"output.gguf: {what}: leave output.gguf out, and convert the merged model by llama.cpp",
    )
