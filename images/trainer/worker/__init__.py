"""What the Python workers share: input, store, rows, models, progress, result and exit codes."""
