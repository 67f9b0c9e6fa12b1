"""What a run intends: the writes, what can't land, what trips a breaker, what the ledger will learn."""
