-- Purpose: a person turned out to be somebody else: they have no key any more; who was absorbed by them follows
-- Parameters: person, survivor, run
-- Caller: tasks/ledger/memory.py
UPDATE people SET key = NULL, survivor = :survivor, run = :run
WHERE (person = :person AND survivor IS NULL) OR survivor = :person
