"""transformers' Trainer with exact masks, planned batches, two validation curves and sealed checkpoints."""

import time
from pathlib import Path

import torch
from accelerate.data_loader import prepare_data_loader
from torch.utils.data import DataLoader
from transformers import PrinterCallback

from trainer.checkpoints.saving import SavingTrainer
from trainer.data.batches import Collator
from trainer.data.counts import Counts
from trainer.data.course import Course
from trainer.data.examples import Example
from trainer.data.mixture import DomainLosses
from trainer.data.plan import Line, Lines, plan_course
from trainer.distributed.ranks import Ranks
from trainer.distributed.shard import WithNothing, shard
from trainer.optimization.arguments import training_arguments
from trainer.optimization.loss import answer_loss, share_of_step
from trainer.optimization.optimizer import Begun, begun, parameter_groups
from trainer.optimization.replay import Replay, general_examples
from trainer.optimization.schedule import make_schedule
from trainer.progress.measure import measure
from trainer.progress.startup import StartUp
from trainer.robustness.rehearsal import rehearse
from trainer.robustness.stall import StallWatch
from trainer.settings import Settings
from trainer.stages import place_of
from worker.termination import Termination


class AnswerTrainer(SavingTrainer):
    """Trains answers. `validation` maps a curve's name ("recall", "unseen") to its examples.

    `checkpoints` is a folder of the store.
    """

    # compute_loss divides by the tokens of the whole step, as the Trainer needs to know
    loss_is_scaled_for_ga = True

    def __init__(
        self,
        model: torch.nn.Module,
        tokenizer,
        settings: Settings,
        course: Course,
        validation: dict[str, list[Example]],
        checkpoints: Path,
        termination: Termination,
        ranks: Ranks,
    ) -> None:
        self.settings = settings
        self.ranks = ranks
        self.course = course
        examples = course.examples
        self.domains = DomainLosses() if any(example.is_general for example in examples) else None
        general = general_examples(tokenizer, settings.replay, settings.max_length, settings.seed)
        self.replay = Replay(general, settings, ranks, Collator(tokenizer.pad_token_id)) if general else None
        self.validation = validation
        self.termination = termination
        self.counts = Counts()
        # trained by all processes since the start of this one
        self.tokens = 0
        # trained by the attempts before this one
        self.tokens_before = 0
        self.waited = 0.0
        self.start_up = StartUp()
        # of the step under way, before it is cut
        self.gradient_norm: float | None = None
        self.is_step_skipped = self.is_rehearsing = False
        # by the settings of this run, for each group of the optimizer; a checkpoint brings those of its own run
        self.begun: list[Begun] = []
        self.stall = StallWatch(settings.stall_seconds)
        self.steps: list[list[Line]] = []
        self.batches: list[list[Line | int]] = []
        self.prepare_saving(checkpoints)
        super().__init__(
            model=model,
            args=training_arguments(settings, self.partial),
            train_dataset=Lines(WithNothing(examples)),
            data_collator=Collator(tokenizer.pad_token_id),
            processing_class=tokenizer,
        )
        # logs are JSON lines
        self.remove_callback(PrinterCallback)
        # the count of answer tokens in a step is wanted whether or not the model's own loss would take it
        self.model_accepts_loss_kwargs = True

    def get_train_dataloader(self) -> DataLoader:
        """The batches of the whole run as one pass, so that resuming is skipping."""
        settings, course = self.settings, self.course
        self.steps = plan_course(course.draws, course.first_rows, [stage.steps for stage in settings.stages])
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
            self.begun = begun(groups)
            self.optimizer = kind(groups, **options)
        return self.optimizer

    @property
    def own_tokens(self) -> int:
        """Trained by this process since its start."""
        return self.counts.tokens

    @property
    def places(self) -> int:
        """As `own_tokens`, padding included."""
        return self.counts.places

    def rows_of(self, step: int) -> list[str]:
        """Ids of the rows of a step."""
        return [example.row for line in self.steps[step - 1] for example in self.train_dataset[line]]

    def training_step(self, model, inputs, num_items_in_batch=None):
        """The loss of a batch, zero where it is not finite: one such number would stay in the sum for good."""
        loss = super().training_step(model, inputs, num_items_in_batch)
        self.stall.beat()
        self.counts.add_loss(loss)
        return torch.where(torch.isfinite(loss), loss, torch.zeros_like(loss))

    def _clip_grad_norm(self, model):
        norm = super()._clip_grad_norm(model)
        # DeepSpeed clips by itself and may not tell
        self.gradient_norm = None if norm is None else float(norm)
        return norm

    def loss_of_all(self) -> float:
        """The loss of the step under way, the same in all processes, so that they decide the same."""
        return self.ranks.sum([self.counts.step_loss])[0] / self.ranks.world_size

    def skip_step(self) -> None:
        """Drop the gradient, so that the optimizer changes nothing."""
        self.is_step_skipped = True
        self.model.zero_grad()

    def rehearse(self) -> None:
        """Run the largest batch, so that memory runs out now or never. Leaves no trace."""
        rehearse(self)

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        """Mean loss over the answer tokens of the optimizer step, however they fall into its batches."""
        if return_outputs:
            raise NotImplementedError("logits are computed at answer positions only")
        number = self.state.global_step * self.settings.accumulation + self.counts.batches_of_step
        self.counts.add_batch(inputs["attention_mask"])
        loss = answer_loss(model, inputs, self.settings.skip_known)
        if self.domains:
            self.domains.add(loss)
        # gradients are averaged over the processes, while the tokens are those of all
        share = share_of_step(loss.total, num_items_in_batch or loss.tokens, self.ranks.world_size)
        if self.replay is None:
            return share
        held = self.replay.divergence(self.accelerator.unwrap_model(model), number)
        # the logged loss stays that of the answers
        return share + held - held.detach()

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
        """Figures of validation rows; empty when SIGTERM came in between."""
        return measure(self, curves, answer_loss)

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
        logs |= place_of(self.settings.stages, self.state.global_step)
        self.state.log_history.append({"step": self.state.global_step, **logs})
        self.control = self.callback_handler.on_log(self.args, self.state, self.control, logs)
