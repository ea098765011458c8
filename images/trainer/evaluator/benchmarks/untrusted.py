"""What a task file of a user may not make lm-eval do: run Python, through a template or a setting, or read any file."""

import re
from typing import Any

from evaluator.benchmarks.files import unfit

METRIC = re.compile(r"[A-Za-z0-9_+-]{1,64}")
# what else `generate` takes can be a program ("custom_generate") or another model
DECODING = {
    *("until", "max_gen_toks", "max_new_tokens", "max_tokens", "max_completion_tokens", "max_length", "min_new_tokens"),
    *("do_sample", "temperature", "top_k", "top_p", "min_p", "num_beams", "length_penalty", "early_stopping"),
    *("repetition_penalty", "no_repeat_ngram_size"),
}


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


def check_settings(benchmark: str, configuration: dict[str, Any]) -> None:
    """WorkerFailure `data` for a setting by which lm-eval or transformers would load a file of any place, or run it."""
    task = configuration["task"]
    listed = configuration.get("metric_list")
    for each in listed if isinstance(listed, list) else []:
        name = each.get("metric") if isinstance(each, dict) else None
        if not isinstance(name, str) or not METRIC.fullmatch(name):
            raise unfit(
                benchmark,
                f'the metric "{name}" of "{task}" is no name of a metric of lm-eval, such as "acc" or "exact_match"',
            )
    given = configuration.get("generation_kwargs")
    if unknown := sorted(map(str, set(given if isinstance(given, dict) else ()) - DECODING)):
        raise unfit(
            benchmark, f'"{unknown[0]}" in generation_kwargs of "{task}" is none of {", ".join(sorted(DECODING))}'
        )
    if configuration.get("use_prompt"):
        raise unfit(
            benchmark, f'use_prompt of "{task}" is a prompt of another place: write doc_to_text and doc_to_target'
        )
