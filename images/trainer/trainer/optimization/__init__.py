"""One step after the other: loss, optimizer, schedule and the machine's own settings."""
