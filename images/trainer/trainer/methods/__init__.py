"""What of a model is trained: one small file a method."""
