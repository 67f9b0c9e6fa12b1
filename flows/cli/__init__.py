"""The `tandem` command: words in, sentences or JSON out. What it does is done by the flows."""

from flows.cli.command import main

__all__ = ["main"]
