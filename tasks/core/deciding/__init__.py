"""What becomes of a value: who may say it, who wins, and which differences stand (design, "deciding a value")."""
