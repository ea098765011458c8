"""Several trainings as an experiment: whether the declared variable alone differs, and a report."""
