"""Hands on the catalogue of contact dispositions, where it can be read and written.

Aloware's public API has none (fact sheet, section 6); this speaks the extension that an account may be given: a list,
POST to create, PATCH to change, at an address of its own.
"""

from dataclasses import replace

import httpx
import msgspec
from pydantic import SecretStr

from tasks.connectors.aloware_wire import reason
from tasks.connectors.http import Http
from tasks.core.model import Disposition

CONFLICT = 409


class Entry(msgspec.Struct):
    """A disposition as it stands on the wire."""

    id: int | str
    name: str
    value: str | None = None
    locked: bool = False
    position: int = 0
    hidden: bool = False

    def disposition(self) -> Disposition:
        return Disposition(str(self.id), self.name, self.value or "", self.locked, self.position, self.hidden)


_ONE = msgspec.json.Decoder(Entry)
_LIST = msgspec.json.Decoder(list[Entry])


class DispositionCatalogue:
    """The dispositions behind one URL."""

    def __init__(self, http: Http, url: str, token: SecretStr) -> None:
        self._http, self._url, self._token = http, url, token

    def dispositions(self) -> list[Disposition]:
        response = self._http.send("GET", self._url, params={"api_token": self._token.get_secret_value()})
        return [entry.disposition() for entry in self._http.decode(self._welcome(response), _LIST)]

    def save_disposition(self, disposition: Disposition) -> Disposition:
        """A PATCH may be repeated, and so may a POST: a second one meets the first one's entry, which is the answer."""
        body = {
            "api_token": self._token.get_secret_value(),
            "name": disposition.name,
            "value": disposition.value or None,
            "locked": disposition.locked,
            "position": disposition.position,
            "hidden": disposition.hidden,
        }
        method, url = ("PATCH", f"{self._url}/{disposition.id}") if disposition.id else ("POST", self._url)
        response = self._http.send(method, url, body=body, write=True)
        if response.status_code == CONFLICT and (made := self._made_already(disposition)):
            return made
        return self._http.decode(self._welcome(response), _ONE).disposition()

    def _made_already(self, disposition: Disposition) -> Disposition | None:
        """The entry that an unanswered attempt to create this one has left."""
        return next((d for d in self.dispositions() if replace(d, id="") == disposition), None)

    def _welcome(self, response: httpx.Response) -> httpx.Response:
        if not response.is_success:
            said = reason(response.status_code, self._http.json(response))
            culprit = "ALOWARE_TOKEN" if response.status_code in (401, 403) else "ALOWARE_CATALOGUE_URL"
            raise self._http.error(f"refused the catalogue of dispositions ({said}): check {culprit}")
        return response
