"""A plain script for TRL, with the settings of a train input: `plain_trl.py INPUT DATASET FIGURES`."""

import json
import sys
from pathlib import Path

import torch
from datasets import Dataset
from peft import LoraConfig
from steps import Steps
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
from trl import SFTConfig, SFTTrainer


class Counting(SFTTrainer):
    """Counts what goes through the model."""

    tokens = 0

    def training_step(self, model, inputs, *rest):
        Counting.tokens += int(inputs["attention_mask"].sum())
        return super().training_step(model, inputs, *rest)


class Watch(TrainerCallback):
    def __init__(self, steps: Steps) -> None:
        self.steps = steps

    def on_step_end(self, args, state, control, **_) -> None:
        self.steps.done(Counting.tokens)


def main(given: Path, dataset: Path, figures: Path) -> None:
    value = json.loads(given.read_text("utf-8"))
    asked, lora = value["training"], value["lora"]
    folder = f"/models/{value['baseModel']['builtIn']}"
    lines = (dataset / "train.jsonl").read_text("utf-8").splitlines()
    conversations = [json.loads(line)["messages"] for line in lines]
    rows = [{"prompt": messages[:-1], "completion": messages[-1:]} for messages in conversations]
    options = SFTConfig(
        output_dir="/tmp/trl",
        use_cpu=True,
        bf16=False,
        num_train_epochs=asked["epochs"],
        per_device_train_batch_size=asked["perDeviceBatchSize"],
        gradient_accumulation_steps=asked["gradientAccumulationSteps"],
        gradient_checkpointing=False,
        learning_rate=asked["learningRate"],
        lr_scheduler_type=asked["scheduler"],
        warmup_steps=asked["warmup"],
        weight_decay=asked["weightDecay"],
        max_grad_norm=asked["maxGradNorm"],
        max_length=asked["maxLength"],
        seed=asked["seed"],
        logging_steps=asked["loggingSteps"],
        save_strategy="no",
        report_to="none",
        dataloader_pin_memory=False,
        disable_tqdm=True,
    )
    steps = Steps()
    trainer = Counting(
        model=AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32),
        args=options,
        train_dataset=Dataset.from_list(rows),
        processing_class=AutoTokenizer.from_pretrained(folder),
        peft_config=LoraConfig(
            task_type="CAUSAL_LM",
            r=lora["rank"],
            lora_alpha=lora["alpha"],
            lora_dropout=lora["dropout"],
            target_modules="all-linear",
        ),
        callbacks=[Watch(steps)],
    )
    trainer.train()
    steps.write(figures)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
