"""The trainer: LoRA on a dataset artifact, from an input file to an adapter artifact."""
