"""What every Python worker shares: its input, its store, its progress, its result and the way it ends."""
