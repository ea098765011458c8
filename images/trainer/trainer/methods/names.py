"""What the methods are called, and what their names alone decide."""

from worker.failure import WorkerFailure

LORA, QLORA, DORA, ADALORA = "LoRA", "QLoRA", "DoRA", "AdaLoRA"
IA3, PROMPT_TUNING, FREEZE, FULL = "IA3", "PromptTuning", "Freeze", "Full"
AUTO = "Auto"

# methods that train weights of the base model itself, and publish a whole model
WHOLE = frozenset({FREEZE, FULL})
# methods with matrices of a rank
RANKED = frozenset({LORA, QLORA, DORA, ADALORA})

# what trains few numbers needs ten times the steps of what trains all
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


def check_new_tokens(name: str) -> None:
    """WorkerFailure `config` for a method that leaves the embeddings of tokens alone that a chat template added."""
    if name not in (LORA, QLORA, DORA, FULL):
        raise WorkerFailure(
            "config",
            "UnfitMethod",
            f'method "{name}" does not train the tokens that training.chatTemplate adds: use "LoRA", "QLoRA", "DoRA", '
            '"Full" or the chatTemplate "alpaca"',
        )
