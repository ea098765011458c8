"""What a trained adapter is turned into for other programs, each form checked against the model that was trained."""
