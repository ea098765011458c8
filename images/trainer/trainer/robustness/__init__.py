"""What goes wrong in the middle of a run, and what is done about it."""
