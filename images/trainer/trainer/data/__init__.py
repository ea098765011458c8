"""From the rows of a dataset to the batches of every step."""
