"""The share of a GPU's arithmetic that a training uses (MFU)."""

# dense bf16 or fp16 operations a second, as the makers state them, by a part of the name of the device
PEAKS = {
    "B200": 2250e12,
    "H200": 989e12,
    "H100 PCIe": 756e12,
    "H100": 989e12,
    "A100": 312e12,
    "L40S": 362e12,
    "L4": 121e12,
    "A10G": 70e12,
    "A10": 125e12,
    "RTX 4090": 165e12,
    "RTX 3090": 71e12,
    "T4": 65e12,
    "V100": 125e12,
}
# a token passes each weight by one multiplication and one addition
FORWARD = 2
# the gradient of what flows on takes as much, that of a weight as much again
BACKWARD, WEIGHT_GRADIENT = 2, 2


def operations_a_token(parameters: float, trained: float, is_checkpointed: bool, unreached: float = 0) -> float:
    """Of one step; attention is left out, which is right within a few percent for rows below some thousand tokens.

    Checkpointing computes the forward pass twice. `unreached` of the parameters lie below the lowest trained layer:
    the backward pass ends above them, and nothing of theirs is computed again for it.
    """
    again = FORWARD if is_checkpointed else 0
    return parameters * FORWARD + (parameters - unreached) * (BACKWARD + again) + trained * WEIGHT_GRADIENT


def peak_of(device: str) -> float | None:
    """Operations a second in 16 bits, None for a device that is not known."""
    return next((peak for name, peak in PEAKS.items() if name in device), None)


def utilization(tokens_per_second: float, operations: float, device: str) -> float | None:
    """MFU, 0 to 1, None where the peak of the device is not known."""
    peak = peak_of(device)
    return None if peak is None else round(tokens_per_second * operations / peak, 4)
