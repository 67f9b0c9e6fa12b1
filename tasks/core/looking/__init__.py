"""Whom a run looks at, before it thinks of anybody."""
