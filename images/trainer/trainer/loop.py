"""transformers' Trainer with exact masks, planned batches, two validation curves and sealed checkpoints."""

import logging
import math
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from accelerate.data_loader import prepare_data_loader
from torch.utils.data import DataLoader
from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments, set_seed

from trainer.batches import Collator, batches_by_length
from trainer.checkpoints import check_space, seal
from trainer.distributed.ranks import TIMEOUT, Ranks
from trainer.distributed.shard import WithNothing, shard
from trainer.distributed.strategies import arguments as arguments_of
from trainer.examples import Example
from trainer.loss import TokenLoss, answer_loss, share_of_step
from trainer.mixture import DomainLosses
from trainer.plan import Lines, draw_of, plan_batches
from trainer.schedule import make_schedule
from trainer.settings import Settings
from worker.termination import Termination

log = logging.getLogger("trainer")


class AnswerTrainer(Trainer):
    """Trains answers. `validation` maps a curve's name ("recall", "unseen") to its examples.

    `checkpoints` is a folder of the store; `savers` are called with the folder of each checkpoint before it is sealed.
    """

    # compute_loss divides by the tokens of the whole step, as the Trainer needs to know
    loss_is_scaled_for_ga = True

    def __init__(
        self,
        model: torch.nn.Module,
        tokenizer,
        settings: Settings,
        examples: list[Example],
        validation: dict[str, list[Example]],
        checkpoints: Path,
        termination: Termination,
        ranks: Ranks,
    ) -> None:
        self.settings = settings
        self.ranks = ranks
        capacity = settings.max_length if settings.is_packed else None
        self.draw = draw_of(examples, settings.rows_a_step, settings.seed, settings.domain_weight, capacity)
        self.domains = DomainLosses() if any(self.draw.is_general) else None
        self.validation = validation
        self.checkpoints = checkpoints
        self.termination = termination
        self.savers: list = []
        # trained by all processes since the start of this one, and by this one alone
        self.tokens = self._own_tokens = 0
        self.checkpoint_seconds = 0.0
        self._generator_states: tuple[torch.Tensor, list[torch.Tensor]] | None = None
        # what a killed attempt was writing
        if ranks.is_main:
            shutil.rmtree(checkpoints / "partial", ignore_errors=True)
        super().__init__(
            model=model,
            args=training_arguments(settings, checkpoints / "partial", bool(validation)),
            train_dataset=Lines(WithNothing(examples)),
            eval_dataset=examples if validation else None,
            data_collator=Collator(tokenizer.pad_token_id),
            processing_class=tokenizer,
        )
        # logs are JSON lines
        self.remove_callback(PrinterCallback)
        # the count of answer tokens in a step is wanted whether or not the model's own loss would take it
        self.model_accepts_loss_kwargs = True

    def get_train_dataloader(self) -> DataLoader:
        """The batches of the whole run as one pass, so that resuming is skipping."""
        settings = self.settings
        steps = plan_batches(self.draw, settings.total_steps)
        loader = DataLoader(
            self.train_dataset,
            batch_sampler=[batch for rows in steps for batch in shard(rows, settings.accumulation, self.ranks)],
            collate_fn=self.data_collator,
            # else each new iterator draws from the global generator, and a resumed run would differ
            generator=torch.Generator(),
        )
        # one process, as far as it knows: the batches are those of this process already
        return prepare_data_loader(
            loader, self.accelerator.device, num_processes=1, process_index=0, put_on_device=True
        )

    def create_scheduler(self, num_training_steps, optimizer=None):
        """The schedule by its name in the spec; the Trainer's own does not follow the loss exactly after a restart."""
        if self.lr_scheduler is None:
            self.lr_scheduler = make_schedule(
                optimizer or self.optimizer, self.settings, lambda: self.state.log_history
            )
            self._created_lr_scheduler = True
        return self.lr_scheduler

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        """Mean loss over the answer tokens of the optimizer step, however they fall into its batches."""
        if return_outputs:
            raise NotImplementedError("logits are computed at answer positions only")
        self._own_tokens += int(inputs["attention_mask"].sum())
        loss = answer_loss(model, inputs)
        if self.domains:
            self.domains.add(loss)
        # gradients are averaged over the processes, while the tokens are those of all
        return share_of_step(loss.total, num_items_in_batch or loss.tokens, self.ranks.world_size)

    def evaluate(self, *_args, **_kwargs) -> dict[str, float]:
        """Figures of the curves as `measure` gives them; empty when SIGTERM came in between."""
        metrics = self.measure(self.validation)
        if not metrics:
            self.control.should_save = self.control.should_training_stop = True
            return {}
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics

    def measure(self, curves: dict[str, list[Example]]) -> dict[str, float]:
        """Loss per curve over its tokens, loss and token accuracy over all; empty when SIGTERM came in between."""
        self.model.eval()
        sums = {name: Sums() for name in curves}
        for name, examples in curves.items():
            lengths = [len(example.ids) for example in examples]
            for rows in batches_by_length(lengths, self.settings.batch_size * self.ranks.world_size):
                if self.ranks.any(self.termination.is_requested):
                    return {}
                own = shard(rows, 1, self.ranks)[0]
                batch = self._prepare_inputs(self.data_collator([WithNothing(examples)[row] for row in own]))
                with torch.no_grad():
                    sums[name] = sums[name].plus(answer_loss(self.model, batch))
        return summarise({name: each.over(self.ranks) for name, each in sums.items()})

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Add step and epoch; the Trainer's own epoch would be the share of the run, since it sees one long pass."""
        if "train_runtime" in logs:
            return
        if "loss" in logs:
            self.tokens = int(self.ranks.sum([self._own_tokens])[0])
            if self.domains:
                logs |= self.domains.take(self.ranks)
        logs["epoch"] = round(self.state.global_step / self.settings.steps_an_epoch, 4)
        self.state.log_history.append({"step": self.state.global_step, **logs})
        self.control = self.callback_handler.on_log(self.args, self.state, self.control, logs)

    def save_now(self) -> None:
        """Save the last whole step, after gradients of the next one were dropped."""
        if self._generator_states is not None:
            cpu, gpus = self._generator_states
            torch.random.set_rng_state(cpu)
            torch.cuda.set_rng_state_all(gpus)
        if self.state.global_step > 0:
            self._save_checkpoint(self.model, None)

    def remember_generator(self) -> None:
        """Batches that will be dropped draw random numbers; `save_now` takes them back."""
        self._generator_states = (torch.random.get_rng_state(), torch.cuda.get_rng_state_all())

    def _save_checkpoint(self, model, trial) -> None:
        began = time.monotonic()
        written = Path(self.args.output_dir) / f"checkpoint-{self.state.global_step}"
        try:
            super()._save_checkpoint(model, trial)
            # each process writes its random state
            self.ranks.wait()
            if self.ranks.is_main:
                for save in self.savers:
                    save(written)
                seal(written, self.checkpoints, self.state.global_step, self.settings.checkpoints_kept)
            self.ranks.wait()
        except Exception as error:
            check_space(self.checkpoints, error)
            raise
        self.termination.is_saved = True
        self.checkpoint_seconds = round(time.monotonic() - began, 3)
        log.info("checkpoint saved", extra={"step": self.state.global_step, "seconds": self.checkpoint_seconds})


class ResumeCallback(TrainerCallback):
    """Evaluates before the first step, makes up for an evaluation that SIGTERM cut off, and keeps the random state."""

    def __init__(self, trainer: AnswerTrainer) -> None:
        self.trainer = trainer

    def on_train_begin(self, args, state, control, **_) -> None:
        step = state.global_step
        if not self.trainer.ranks.is_alone:
            # else all processes would drop the same units; the state of a checkpoint takes this one's place
            set_seed(args.seed + self.trainer.ranks.rank)
        is_due = step % self.trainer.settings.evaluation_steps == 0
        was_done = any("eval_loss" in entry for entry in state.log_history if entry["step"] == step)
        if is_due and not was_done and self.trainer.validation:
            self.trainer.evaluate()

    def on_step_end(self, args, state, control, **_) -> None:
        self.trainer.remember_generator()


@dataclass(frozen=True)
class Sums:
    """Sum of losses (nats), number of tokens and of those that were foreseen, over some rows."""

    total: float = 0.0
    tokens: int = 0
    hits: int = 0

    def plus(self, loss: TokenLoss) -> "Sums":
        return Sums(self.total + loss.total.item(), self.tokens + loss.tokens, self.hits + loss.hits)

    def over(self, ranks: Ranks) -> "Sums":
        """Those of all processes together."""
        total, tokens, hits = ranks.sum([self.total, self.tokens, self.hits])
        return Sums(total, int(tokens), int(hits))


def summarise(sums: dict[str, Sums]) -> dict[str, float]:
    """Metrics of an evaluation from the sums of each curve."""
    curves = {f"eval_{name}_loss": each.total / each.tokens for name, each in sums.items()}
    tokens = sum(each.tokens for each in sums.values())
    mean = sum(each.total for each in sums.values()) / tokens
    accuracy = sum(each.hits for each in sums.values()) / tokens
    # beyond this the number says no more than "very bad", and exp would overflow
    perplexity = math.exp(min(mean, 100.0))
    return {**curves, "eval_loss": mean, "eval_token_accuracy": accuracy, "perplexity": perplexity}


def training_arguments(settings: Settings, folder: Path, is_evaluated: bool) -> TrainingArguments:
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
        # each step is in the history, so a resumed run has the same one; reports are rarer
        logging_steps=1,
        # a loss that is not finite must be seen
        logging_nan_inf_filter=False,
        eval_strategy="steps" if is_evaluated else "no",
        eval_steps=settings.evaluation_steps,
        save_strategy="steps",
        save_steps=settings.checkpoint_steps,
        report_to="none",
        ddp_find_unused_parameters=False,
        ddp_timeout=int(TIMEOUT.total_seconds()),
        **arguments_of(settings.sharing, settings),
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
