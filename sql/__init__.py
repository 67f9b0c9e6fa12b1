"""Statements: one a file, headed by purpose, parameters, caller. Read by `tasks/ledger` alone, shipped in the wheel."""
