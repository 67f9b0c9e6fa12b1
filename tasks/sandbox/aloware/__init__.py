"""The Aloware emulator: the contact centre, where a phone number *is* the contact.

Built from the Aloware fact sheet: one contact written by phone, one contact read by phone, the users, and HTML with
status 200 for everything else. The catalogue of dispositions is our own extension, announced by `/ready`.
"""

from tasks.sandbox.aloware.api import app, busy
from tasks.sandbox.aloware.contacts import seed
from tasks.sandbox.aloware.users import seed as seed_user

__all__ = ["app", "busy", "seed", "seed_user"]
