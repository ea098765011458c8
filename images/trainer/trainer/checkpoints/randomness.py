"""The states of the generators that a training draws from."""

import torch

GeneratorStates = tuple[torch.Tensor, list[torch.Tensor]]


def generator_states() -> GeneratorStates:
    return torch.random.get_rng_state(), torch.cuda.get_rng_state_all()


def set_generator_states(states: GeneratorStates) -> None:
    cpu, gpus = states
    torch.random.set_rng_state(cpu)
    torch.cuda.set_rng_state_all(gpus)
