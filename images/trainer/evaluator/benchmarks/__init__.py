"""Tasks that have nothing to do with the documents: what a model could do before, and can still do."""
