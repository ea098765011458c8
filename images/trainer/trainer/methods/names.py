"""What the methods are called, and what their names alone decide."""

from worker.failure import WorkerFailure

LORA, QLORA, DORA, ADALORA = "LoRA", "QLoRA", "DoRA", "AdaLoRA"
IA3, PROMPT_TUNING, FREEZE, FULL = "IA3", "PromptTuning", "Freeze", "Full"
AUTO = "Auto"

# methods that train weights of the base model itself, and publish a whole model
WHOLE = frozenset({FREEZE, FULL})
# methods with matrices of a rank
RANKED = frozenset({LORA, QLORA, DORA, ADALORA})

# what trains few numbers needs ten times the steps of what trains all; those of RANKED for a model of REFERENCE_WIDTH
LEARNING_RATES = {
    LORA: 2e-4,
    QLORA: 2e-4,
    DORA: 2e-4,
    ADALORA: 2e-4,
    IA3: 3e-3,
    PROMPT_TUNING: 3e-3,
    FREEZE: 2e-5,
    FULL: 2e-5,
}
# of the models of 7 to 8 billion parameters that the usual rates of adapters were found on
REFERENCE_WIDTH = 4096
# what has been measured to learn without diverging (docs/learning-benchmark.md); narrower models get no more
HIGHEST_RATE = 2e-3


def learning_rate_of(name: str, width: int | None) -> float:
    """The rate that suits a method where none is given, for a model whose hidden states have `width` numbers.

    A narrower matrix takes a larger step of Adam: the rate that suits it goes with one through its width (Yang et al.
    2022, arXiv 2203.03466). That meets what QLoRA was tuned to, 2e-4 for widths of 4096 and 1e-4 for 8192 (Dettmers et
    al. 2023, arXiv 2305.14314). Other methods have one rate, as does a model of unknown width.
    """
    usual = LEARNING_RATES[name]
    if name not in RANKED or width is None:
        return usual
    return min(HIGHEST_RATE, usual * REFERENCE_WIDTH / width)


def check_new_tokens(name: str, tokens: tuple[int, ...]) -> None:
    """WorkerFailure `config` for a method that leaves the embeddings of `tokens` alone, which a chat template added."""
    if tokens and name not in (LORA, QLORA, DORA, FULL):
        raise WorkerFailure(
            "config",
            "UnfitMethod",
            f'method "{name}" does not train the tokens that training.chatTemplate adds: use "LoRA", "QLoRA", "DoRA", '
            '"Full" or the chatTemplate "alpaca"',
        )
