"""A model that judges answers: two side by side in both orders, and each by itself against its source."""
