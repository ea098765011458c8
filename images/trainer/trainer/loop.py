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
from trainer.optimizer import parameter_groups
from trainer.plan import Line, Lines, draw_of, plan_batches
from trainer.schedule import make_schedule, scale
from trainer.settings import Settings
from trainer.stall import StallWatch
from worker.termination import Termination

log = logging.getLogger("trainer")


class AnswerTrainer(Trainer):
    """Trains answers. `validation` maps a curve's name ("recall", "unseen") to its examples.

    `checkpoints` is a folder of the store; `savers` are called with the folder of each checkpoint before it is sealed,
    `loader` with that of the one to go on from.
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
        self.loader = None
        # trained by all processes since the start of this one, and by this one alone
        self.tokens = self.own_tokens = 0
        # of this process, padding included
        self.places = 0
        # trained by the attempts before this one
        self.tokens_before = 0
        self.waited = 0.0
        self.checkpoint_seconds = 0.0
        # of the step under way, for the watchdog: its loss so far, and its gradient before it is cut
        self.step_loss: float = 0.0
        self.gradient_norm: float | None = None
        self.is_step_skipped = self.is_rehearsing = False
        # False while an optimizer changes weights, which an error may leave half changed
        self.is_step_whole = True
        self.stall = StallWatch(settings.stall_seconds)
        self.steps: list[list[Line]] = []
        self.batches: list[list[Line | int]] = []
        self._generator_states: GeneratorStates | None = None
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
        self.steps = plan_batches(self.draw, settings.total_steps)
        self.batches = [batch for lines in self.steps for batch in shard(lines, settings.accumulation, self.ranks)]
        loader = DataLoader(
            self.train_dataset,
            batch_sampler=self.batches,
            collate_fn=self.data_collator,
            # else each new iterator draws from the global generator, and a resumed run would differ
            generator=torch.Generator(),
        )
        # one process, as far as it knows: the batches are those of this process already
        return prepare_data_loader(
            loader, self.accelerator.device, num_processes=1, process_index=0, put_on_device=True
        )

    def get_batch_samples(self, *arguments):
        """The batches of a step, with the seconds that they kept it waiting."""
        began = time.monotonic()
        batches = super().get_batch_samples(*arguments)
        self.waited += time.monotonic() - began
        return batches

    def create_scheduler(self, num_training_steps, optimizer=None):
        """The schedule by its name in the spec; the Trainer's own does not follow the loss exactly after a restart."""
        if self.lr_scheduler is None:
            self.lr_scheduler = make_schedule(
                optimizer or self.optimizer, self.settings, lambda: self.state.log_history
            )
            self._created_lr_scheduler = True
        return self.lr_scheduler

    def create_optimizer(self, model=None) -> torch.optim.Optimizer:
        """Groups of our own, and all parameters that are trained at any time of the run."""
        if self.optimizer is None:
            settings = self.settings
            kind, options = self.get_optimizer_cls_and_kwargs(self.args, self.model)
            decayed = set(self.get_decay_parameter_names(self.model))
            groups = parameter_groups(
                self.model, decayed, settings.learning_rate, settings.weight_decay, settings.lora.plus_ratio
            )
            self.optimizer = kind(groups, **options)
        return self.optimizer

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model=None) -> None:
        """By `loader` where the method has a file of its own."""
        if self.loader:
            self.loader(Path(resume_from_checkpoint))
        else:
            super()._load_from_checkpoint(resume_from_checkpoint, model)

    def rows_of(self, step: int) -> list[str]:
        """Ids of the rows of a step."""
        return [example.row for line in self.steps[step - 1] for example in self.train_dataset[line]]

    def training_step(self, model, inputs, num_items_in_batch=None):
        """The loss of a batch, zero where it is not finite: one such number would stay in the sum for good."""
        loss = super().training_step(model, inputs, num_items_in_batch)
        self.stall.beat()
        self.step_loss += loss.item()
        return torch.where(torch.isfinite(loss), loss, torch.zeros_like(loss))

    def _clip_grad_norm(self, model):
        norm = super()._clip_grad_norm(model)
        # DeepSpeed clips by itself and may not tell
        self.gradient_norm = None if norm is None else float(norm)
        return norm

    def loss_of_all(self) -> float:
        """The loss of the step under way, the same in all processes, so that they decide the same."""
        return self.ranks.sum([self.step_loss])[0] / self.ranks.world_size

    def skip_step(self) -> None:
        """Drop the gradient, so that the optimizer changes nothing."""
        self.is_step_skipped = True
        self.model.zero_grad()

    def rehearse(self) -> None:
        """Run the largest batch forwards and backwards, so that memory runs out now or never. Leaves no trace."""
        lines = self.train_dataset
        largest = max(
            self.batches, key=lambda batch: len(batch) * max(sum(len(row.ids) for row in lines[line]) for line in batch)
        )
        before = generator_states()
        tokens, places = self.own_tokens, self.places
        self.is_rehearsing = True
        self.training_step(self.model_wrapped, self.data_collator([lines[line] for line in largest]), 1)
        self.is_rehearsing = False
        self.model.zero_grad()
        self.own_tokens, self.places, self.step_loss = tokens, places, 0.0
        if self.domains:
            self.domains.take(self.ranks)
        set_generator_states(before)

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        """Mean loss over the answer tokens of the optimizer step, however they fall into its batches."""
        if return_outputs:
            raise NotImplementedError("logits are computed at answer positions only")
        self.own_tokens += int(inputs["attention_mask"].sum())
        self.places += inputs["attention_mask"].numel()
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
                self.stall.beat()
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
            self.tokens = int(self.ranks.sum([self.own_tokens])[0])
            logs["tokens"] = self.tokens_before + self.tokens
            if self.domains:
                logs |= self.domains.take(self.ranks)
        if self.is_step_skipped and "loss" in logs:
            # what cannot be used is not told as if it had been
            used = {name: value for name, value in logs.items() if not name.startswith(("loss", "grad_norm"))}
            logs = used | {"skipped": 1}
        logs["epoch"] = round(self.state.global_step / self.settings.steps_an_epoch, 4)
        self.state.log_history.append({"step": self.state.global_step, **logs})
        self.control = self.callback_handler.on_log(self.args, self.state, self.control, logs)

    def save_now(self) -> None:
        """Save the last whole step, after gradients of the next one were dropped.

        Before the first whole step of this process there is nothing new: what it went on from holds the generators as
        they were, which the dropped batches have moved on.
        """
        if self._generator_states is not None:
            set_generator_states(self._generator_states)
            self._save_checkpoint(self.model, None)

    def save_before_retry(self) -> None:
        """Keep what this attempt has done, if it has done a step and its weights are whole."""
        if self.ranks.is_alone and self._generator_states is not None and self.is_step_whole:
            self.model.zero_grad()
            self.save_now()

    def end_step(self) -> None:
        """Batches of a next step that will be dropped draw random numbers; `save_now` takes them back."""
        self._generator_states = generator_states()
        self.is_step_whole = True
        self.step_loss = 0.0

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
        scale(self.trainer.lr_scheduler, self.trainer.settings.learning_rate_scale)
        # several processes fail together, and have no ladder
        if state.global_step < state.max_steps and self.trainer.ranks.is_alone:
            self.trainer.rehearse()
        step = state.global_step
        if not self.trainer.ranks.is_alone:
            # else all processes would drop the same units; the state of a checkpoint takes this one's place
            set_seed(args.seed + self.trainer.ranks.rank)
        trained = (entry["tokens"] for entry in reversed(state.log_history) if "tokens" in entry)
        # a run that goes back does so in the same process
        self.trainer.tokens_before = next(trained, 0) - int(self.trainer.ranks.sum([self.trainer.own_tokens])[0])
        is_due = step % self.trainer.settings.evaluation_steps == 0
        was_done = any("eval_loss" in entry for entry in state.log_history if entry["step"] == step)
        if is_due and not was_done and self.trainer.validation:
            self.trainer.evaluate()

    def on_step_begin(self, args, state, control, **_) -> None:
        self.trainer.is_step_skipped = False

    def on_pre_optimizer_step(self, args, state, control, **_) -> None:
        self.trainer.is_step_whole = False

    def on_step_end(self, args, state, control, **_) -> None:
        self.trainer.end_step()


GeneratorStates = tuple[torch.Tensor, list[torch.Tensor]]


def generator_states() -> GeneratorStates:
    return torch.random.get_rng_state(), torch.cuda.get_rng_state_all()


def set_generator_states(states: GeneratorStates) -> None:
    cpu, gpus = states
    torch.random.set_rng_state(cpu)
    torch.cuda.set_rng_state_all(gpus)


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
        neftune_noise_alpha=settings.neftune_alpha,
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
