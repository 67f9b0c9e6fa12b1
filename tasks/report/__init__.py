"""The room of pages for people: one self-contained HTML file a run. It knows plans and templates, and no database."""

from tasks.report.page import page
from tasks.report.story import Account, Line, Story

__all__ = ["Account", "Line", "Story", "page"]
