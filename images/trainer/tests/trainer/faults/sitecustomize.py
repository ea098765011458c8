"""Faults of a run that is a program of its own: Python imports this file first where its folder is on the path.

DOCTUNE_TEST_FAULT is `{"process", "fits"}`, tokens of a batch that fit the memory of a process (or of "all"), with
`{"where": "NCCL"}` in the words of that library, or `{"process", "notFinite"}`, the numbers of its training batches
whose loss is NaN, counted from 1, the rehearsal first.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import sys
from itertools import count

MODULE = "trainer.optimization.loss"


class Faulty(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads the module as it is, and then lets its loss fail."""

    def find_spec(self, name, path=None, target=None):
        if name != MODULE:
            return None
        self._real = importlib.machinery.PathFinder.find_spec(name, path)
        return importlib.util.spec_from_loader(name, self, origin=self._real.origin)

    def exec_module(self, module) -> None:
        module.__file__ = self._real.origin
        self._real.loader.exec_module(module)
        module.answer_loss = failing(module.answer_loss, module.TokenLoss, json.loads(os.environ["DOCTUNE_TEST_FAULT"]))


def out_of_memory(torch, where):
    if where != "NCCL":
        return torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
    text = "NCCL error in: NCCLUtils.cpp:77, unhandled cuda error\nLast error:\nCuda failure 2 'out of memory'"
    return torch.distributed.DistBackendError(text)


def failing(answer_loss, token_loss, fault):
    import torch

    calls = count(1)

    def loss(model, batch, *rest):
        is_met = fault["process"] in ("all", int(os.environ.get("RANK", "0")))
        if not (torch.is_grad_enabled() and is_met):
            return answer_loss(model, batch, *rest)
        number = next(calls)
        inner = getattr(model, "module", model).get_base_model()
        needed = batch["input_ids"].numel() * (0.5 if inner.is_gradient_checkpointing else 1.0)
        if "fits" in fault and needed > fault["fits"]:
            raise out_of_memory(torch, fault.get("where"))
        sound = answer_loss(model, batch, *rest)
        if number in fault.get("notFinite", ()):
            return token_loss(sound.total * float("nan"), sound.tokens)
        return sound

    return loss


if "DOCTUNE_TEST_FAULT" in os.environ:
    sys.meta_path.insert(0, Faulty())
