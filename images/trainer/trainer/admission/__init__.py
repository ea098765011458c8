"""What is asked of a run before any weight is loaded, and refused if it cannot go well."""
