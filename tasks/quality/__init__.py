"""Conscience: data-quality checks on snapshots and plans. The only room that knows Great Expectations."""
