"""Who may post: Aloware's bearer or basic password, HubSpot's signature (HubSpot fact sheet, section 5)."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import SecretStr

REPLAY = timedelta(minutes=5)  # HubSpot asks that older ones be refused


@dataclass(frozen=True)
class Guard:
    """What posts must know. Aloware's are unsigned, so without a password anybody who reaches the port may post:
    `flows.listen` then listens on loopback only. Without HubSpot's secret nothing of HubSpot's is accepted."""

    bearer: SecretStr | None = None
    basic: SecretStr | None = None  # user:password
    hubspot: SecretStr | None = None

    def knows_password(self, authorization: str) -> bool:
        """Whether that header is one of those that Aloware was given; true where none is asked for."""
        allowed = []
        if self.bearer is not None:
            allowed.append(f"Bearer {self.bearer.get_secret_value()}")
        if self.basic is not None:
            allowed.append("Basic " + base64.b64encode(self.basic.get_secret_value().encode()).decode())
        given = authorization.encode()
        return not allowed or any(hmac.compare_digest(given, each.encode()) for each in allowed)

    def signed(self, method: str, url: str, body: bytes, headers: Mapping[str, str], now: datetime) -> bool:
        """Whether HubSpot signed this request (v3) in the last five minutes; `url`: the address that it was given."""
        stamp = headers.get("x-hubspot-request-timestamp", "")
        if self.hubspot is None or not (stamp.isascii() and stamp.isdigit()):
            return False
        if abs(now.timestamp() * 1000 - int(stamp)) > REPLAY.total_seconds() * 1000:
            return False
        expected = signature(self.hubspot, method, url, body, stamp)
        return hmac.compare_digest(expected.encode(), headers.get("x-hubspot-signature-v3", "").encode())


def signature(secret: SecretStr, method: str, url: str, body: bytes, stamp: str) -> str:
    """HubSpot's signature of version 3: base64 of HMAC-SHA256 over method, URL, body and time, one behind the other."""
    text = method.encode() + url.encode() + body + stamp.encode()
    return base64.b64encode(hmac.new(secret.get_secret_value().encode(), text, hashlib.sha256).digest()).decode()
