"""Ears: the webhook listener, the product's only HTTP server. What it hears it hands on; it knows no ledger."""
