"""Why things are as they are: what the ledger has of one person, put as an answer; and what drifts."""
