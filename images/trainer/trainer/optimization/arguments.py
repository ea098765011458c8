"""The arguments that transformers gets from the settings of a run."""

from pathlib import Path

import torch
from transformers import TrainingArguments

from trainer.distributed.ranks import TIMEOUT
from trainer.distributed.strategies import arguments as arguments_of
from trainer.settings import Settings


def training_arguments(settings: Settings, folder: Path) -> TrainingArguments:
    """Arguments for transformers; what is not here is done by `AnswerTrainer` or left at its default."""
    is_gpu = torch.cuda.is_available()
    arguments = TrainingArguments(
        output_dir=str(folder),
        use_cpu=not is_gpu,
        max_steps=settings.total_steps,
        per_device_train_batch_size=settings.batch_size,
        gradient_accumulation_steps=settings.accumulation,
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
        max_grad_norm=settings.max_gradient_norm,
        bf16=settings.precision == "bf16",
        fp16=settings.precision == "fp16",
        activation_checkpointing=settings.is_gradient_checkpointing,
        seed=settings.seed,
        neftune_noise_alpha=settings.neftune_alpha,
        # each step is in the history, so a resumed run has the same one; reports are rarer
        logging_steps=1,
        # a loss that is not finite must be seen
        logging_nan_inf_filter=False,
        # each stage has looks of its own, see LookCallback
        eval_strategy="no",
        save_strategy="steps",
        save_steps=settings.checkpoint_steps,
        report_to="none",
        ddp_find_unused_parameters=False,
        ddp_timeout=int(TIMEOUT.total_seconds()),
        **arguments_of(settings.sharing, settings),
        **settings.machinery.arguments(),
        disable_tqdm=True,
        remove_unused_columns=False,
        dataloader_pin_memory=is_gpu,
    )
    # transformers adds its KubeflowCallback wherever the variables of a progress server are set; it would report
    # beside ours, without step and memory
    arguments.report_to = []
    # more than one would be DataParallel, which is slow and splits batches behind our back; torchrun is the way
    arguments._n_gpu = min(1, arguments.n_gpu)
    return arguments
