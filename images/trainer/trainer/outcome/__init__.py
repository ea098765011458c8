"""What is left of a finished run: its weights, its figures, and what they mean."""
