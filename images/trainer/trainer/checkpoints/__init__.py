"""What a run keeps so that another process goes on as if nothing had been."""
