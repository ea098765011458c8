"""Where a process stands: which node of how many, and which process of how many. Read from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

DEFAULT_PORT = 29500


@dataclass(frozen=True)
class Place:
    """`nodes` pods of `processes` processes each; this is pod `node`. `main` and `port` are where pod 0 answers."""

    nodes: int = 1
    processes: int = 1
    node: int = 0
    main: str = "127.0.0.1"
    port: int = DEFAULT_PORT

    @staticmethod
    def from_environment(variables: Mapping[str, str] = os.environ) -> "Place":
        """The operator sets all but JOB_COMPLETION_INDEX, which Kubernetes sets in the pods of an Indexed Job."""
        return Place(
            nodes=int(variables.get("NNODES", "1")),
            processes=int(variables.get("NPROC_PER_NODE", "1")),
            node=int(variables.get("JOB_COMPLETION_INDEX", "0")),
            main=variables.get("MASTER_ADDR", "127.0.0.1"),
            port=int(variables.get("MASTER_PORT", DEFAULT_PORT)),
        )

    @property
    def world_size(self) -> int:
        return self.nodes * self.processes

    @property
    def own(self) -> str:
        """The name under which the others reach this pod: that of pod 0 with the own index in it."""
        return self.main.replace("-0.", f"-{self.node}.", 1)
