"""Calls and messages: what Aloware tells of them, put together whatever the order, and what is logged where."""
