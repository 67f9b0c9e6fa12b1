"""HubSpot's corner of the mirror world: contacts, properties, owners and account over the vendor's own HTTP.

Faithful to the fact sheet and the recorded payloads; what sources dispute is a switch of the world. Other rooms of
the sandbox call `app`, `seed`, `seed_owner` and `busy`; `must` is what an admin asks of every contact.
"""

from tasks.sandbox.hubspot.account import seed_owner
from tasks.sandbox.hubspot.contacts import seed
from tasks.sandbox.hubspot.errors import busy
from tasks.sandbox.hubspot.routes import app
from tasks.sandbox.hubspot.rules import must

__all__ = ["app", "busy", "must", "seed", "seed_owner"]
