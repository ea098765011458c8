"""What a task file of a user may not make lm-eval do: run Python through a template or the name of a metric."""

import re
from typing import Any

from worker.failure import WorkerFailure

METRIC = re.compile(r"[A-Za-z0-9_+-]{1,64}")


def confine_templates() -> None:
    """lm-eval fills templates in an environment in which they reach all of Python; a sandbox takes its place."""
    from jinja2.sandbox import SandboxedEnvironment
    from lm_eval import utils

    if isinstance(utils.env, SandboxedEnvironment):
        return
    sandbox = SandboxedEnvironment(
        loader=utils.env.loader,
        undefined=utils.env.undefined,
        keep_trailing_newline=utils.env.keep_trailing_newline,
    )
    sandbox.filters |= utils.env.filters
    utils.env = sandbox


def check_metrics(benchmark: str, configuration: dict[str, Any]) -> None:
    """WorkerFailure `data` for a metric whose name is a path: lm-eval would load and run what is there."""
    listed = configuration.get("metric_list")
    for each in listed if isinstance(listed, list) else []:
        name = each.get("metric") if isinstance(each, dict) else None
        if not isinstance(name, str) or not METRIC.fullmatch(name):
            raise WorkerFailure(
                "data",
                "BenchmarkUnfit",
                f'benchmarks "{benchmark}": the metric "{name}" of "{configuration["task"]}" is no name of a metric of '
                'lm-eval, such as "acc" or "exact_match"',
            )
