"""What a run measures of itself while it trains, and whom it tells."""
