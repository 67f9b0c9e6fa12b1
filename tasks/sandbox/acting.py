"""People at their screens, for demonstrations: they work in each vendor's own API, never through Tandem."""

from typing import Any

import httpx

from tasks.sandbox.aloware.webhooks import BOXES

SALESFORCE_DATA = "/services/data/v60.0"


def subscribe(control: str, url: str, bearer: str) -> None:
    """Somebody sets up Aloware's webhooks: every event, to that address, with that password."""
    sent = {"url": url, "events": list(BOXES), "bearer": bearer}
    httpx.post(f"{control}/aloware/webhooks", json=sent, timeout=30, trust_env=False).raise_for_status()


class Person:
    """Somebody who uses the three systems of one sandbox. `ready` is what its `/ready` says."""

    def __init__(self, control: str, ready: dict[str, Any]) -> None:
        self._ready = ready
        self._control = httpx.Client(base_url=control, timeout=30)
        self._salesforce = httpx.Client(base_url=ready["salesforce"]["url"], timeout=30)
        self._hubspot = httpx.Client(base_url=ready["hubspot"]["url"], timeout=30)
        self._hubspot.headers["Authorization"] = f"Bearer {ready['hubspot']['token']}"
        self.log_in()

    def log_in(self) -> None:
        """Open a session in Salesforce; once more when it has expired."""
        keys = {name: self._ready["salesforce"][name] for name in ("client_id", "client_secret")}
        answer = self._salesforce.post("/services/oauth2/token", data={"grant_type": "client_credentials", **keys})
        self._salesforce.headers["Authorization"] = f"Bearer {answer.raise_for_status().json()['access_token']}"

    def create_in_salesforce(self, object_name: str, **values: str) -> str:
        answer = self._salesforce.post(f"{SALESFORCE_DATA}/sobjects/{object_name}", json=values)
        return str(answer.raise_for_status().json()["id"])

    def edit_in_salesforce(self, object_name: str, record_id: str, **values: str) -> None:
        path = f"{SALESFORCE_DATA}/sobjects/{object_name}/{record_id}"
        self._salesforce.patch(path, json=values).raise_for_status()

    def ask_salesforce(self, soql: str) -> list[dict[str, Any]]:
        answer = self._salesforce.get(f"{SALESFORCE_DATA}/query", params={"q": soql})
        return list(answer.raise_for_status().json()["records"])

    def create_in_hubspot(self, **values: str) -> str:
        answer = self._hubspot.post("/crm/objects/2026-09/contacts", json={"properties": values})
        return str(answer.raise_for_status().json()["id"])

    def edit_in_hubspot(self, record_id: str, **values: str) -> None:
        answer = self._hubspot.patch(f"/crm/objects/2026-09/contacts/{record_id}", json={"properties": values})
        answer.raise_for_status()

    def create_in_aloware(self, **values: str) -> dict[str, Any]:
        return dict(self._control.post("/aloware/contacts", json=values).raise_for_status().json())

    def edit_in_aloware(self, contact_id: str, **values: str) -> None:
        self._control.patch(f"/aloware/contacts/{contact_id}", json=values).raise_for_status()

    def find_in_aloware(self, phone: str) -> dict[str, Any] | None:
        """The contact with that number, as an agent sees it, with its disposition by name."""
        contacts = self._control.get("/aloware/contacts").raise_for_status().json()
        found = next((contact for contact in contacts if contact["phone_number"] == phone), None)
        if found is None:
            return None
        names = {str(d["id"]): d["name"] for d in self._control.get("/aloware/dispositions").json()}
        return {**found, "disposition": names.get(str(found.get("disposition_status_id")), "")}

    def writes_seen(self) -> int:
        """Requests so far that could change a row, over all systems."""
        counts = self._control.get("/requests").raise_for_status().json()["counts"]
        return sum(int(n["write"]) for n in counts.values())

    def close(self) -> None:
        for client in (self._control, self._salesforce, self._hubspot):
            client.close()
