"""Training by several processes: how they are started, what each of them sees, and what they must agree on."""
