"""What an operator is told before anything is written, and when something is wrong."""
