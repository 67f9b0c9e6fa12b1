"""Thought: what should change and why, as pure functions over frames. No I/O, clock, randomness, logging or Prefect."""
