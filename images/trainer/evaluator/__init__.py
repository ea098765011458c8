"""Measures an adapter against its base model on the same items: figures, intervals, samples and a report."""
