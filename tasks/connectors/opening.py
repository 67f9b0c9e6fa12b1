"""Hands, reaching out: from credentials to a connector that is ready to be asked. Nothing is sent yet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol, cast

from tasks.connectors import (
    aloware_communications,
    aloware_export,
    hubspot_api,
    hubspot_wire,
    salesforce_limits,
    salesforce_session,
    salesforce_wire,
)
from tasks.connectors.aloware import Aloware
from tasks.connectors.aloware_file import is_url
from tasks.connectors.http import Http, checked_url, is_loopback
from tasks.connectors.hubspot import HubSpot
from tasks.connectors.limits import Limiter
from tasks.connectors.linking import linking, stored
from tasks.connectors.logins import AlowareLogin, HubSpotLogin, Login, SalesforceLogin
from tasks.connectors.patience import Pace, Patience, RunBudget
from tasks.connectors.protocol import Catalogue, Connector
from tasks.connectors.salesforce import Salesforce
from tasks.connectors.vitals import Vitals
from tasks.core.communications.export import Line
from tasks.core.communications.native import Written
from tasks.core.model import ALOWARE, HUBSPOT, SALESFORCE, Capability, Status

Wanted = Mapping[str, Sequence[str]]
OWNER_PROPERTY = {SALESFORCE: salesforce_wire.OWNER_ID, HUBSPOT: hubspot_wire.OWNER_ID}


class _KnowsStatuses(Protocol):
    def statuses(self, name: str) -> list[Status]: ...


class _KnowsAccounts(Protocol):
    def accounts(self, names: Sequence[str]) -> dict[str, list[str]]: ...


class _HasTasks(Protocol):
    def tasks(self, keys: Sequence[str]) -> dict[str, str]: ...


class _ShowsTasks(Protocol):
    def task_properties(self) -> list[str]: ...

    def tasks_written(self, records: Sequence[str], since: datetime) -> Iterator[Written]: ...


class _HasTeam(Protocol):
    def team(self) -> Mapping[str, str]: ...


class _HasNames(Protocol):
    def team_names(self) -> Mapping[str, str]: ...


class _HasZone(Protocol):
    def timezone(self) -> str: ...


class _HasCommunications(Protocol):
    def communications(self, now: datetime) -> Iterator[Line]: ...


class _HasVitals(Protocol):
    @property
    def vitals(self) -> Vitals: ...


class _HasVersions(Protocol):
    def versions(self) -> list[str]: ...


def open_connector(
    login: Login,
    wanted: Wanted,
    *,
    patience: Patience | None = None,
    budget: RunBudget | None = None,
    share: float | None = None,
) -> Connector:
    """The connector for those credentials. `wanted` maps object → properties to read; one `budget` serves all the
    systems of a run; `share` is how much it may use of what is left of the day's calls. SettingsError names the
    variable whose address can't be used."""
    patience, budget = patience or Patience(), budget or RunBudget()
    if isinstance(login, SalesforceLogin):
        return linking(_salesforce(login, stored(wanted), patience, budget, share), wanted)
    if isinstance(login, HubSpotLogin):
        return linking(_hubspot(login, stored(wanted), patience, budget, share), wanted)
    return _aloware(login, wanted, patience, budget)


def catalogue(connector: Connector) -> Catalogue | None:
    """The connector's catalogue of dispositions, if it declares one."""
    return cast(Catalogue, connector) if Capability.CATALOGUE in connector.capabilities else None


def statuses(connector: Connector, name: str) -> list[Status]:
    """The options of that HubSpot property of contacts, in HubSpot's order."""
    return cast(_KnowsStatuses, connector).statuses(name)


def tasks_of(connector: Connector, keys: Sequence[str]) -> dict[str, str]:
    """Salesforce's Tasks of those keys: key → id."""
    return cast(_HasTasks, connector).tasks(keys) if keys else {}


def task_properties(connector: Connector) -> list[str]:
    """The names of the properties that Salesforce's Tasks have."""
    return cast(_ShowsTasks, connector).task_properties()


def tasks_written(connector: Connector, records: Sequence[str], since: datetime) -> Iterator[Written]:
    """The Tasks that anybody wrote on those Salesforce records since then."""
    return cast(_ShowsTasks, connector).tasks_written(records, since)


def team(connector: Connector) -> Mapping[str, str]:
    """Active users of a system: id → lower-case e-mail."""
    return cast(_HasTeam, connector).team()


def vitals(connector: Connector) -> Vitals:
    """What a system's answers have told of itself so far."""
    return cast(_HasVitals, connector).vitals


def versions(connector: Connector) -> list[str]:
    """The versions of its API that Salesforce offers; ours is `salesforce_session.API_VERSION`."""
    return cast(_HasVersions, connector).versions()


def with_owners(system: str, wanted: Wanted) -> Wanted:
    """What to read of a CRM so that it is told who owns each record, too. Aloware's look-ups don't establish that."""
    owner = OWNER_PROPERTY.get(system)
    return {name: (*dict.fromkeys((*columns, owner)),) for name, columns in wanted.items()} if owner else wanted


def team_names(connector: Connector) -> Mapping[str, str]:
    """Aloware's agents whose name only one of them has: name in lower case → id."""
    return cast(_HasNames, connector).team_names()


def timezone_of(connector: Connector) -> str:
    """The zone in which Salesforce's org counts its days; "" where it names none."""
    return cast(_HasZone, connector).timezone()


def communications_of(connector: Connector, now: datetime) -> Iterator[Line]:
    """The rows of Aloware's communications export; none where there is none."""
    return cast(_HasCommunications, connector).communications(now)


def accounts(connector: Connector, names: Sequence[str]) -> dict[str, list[str]]:
    """Salesforce's Accounts of those names: name → ids. The case of letters doesn't count."""
    return cast(_KnowsAccounts, connector).accounts(names) if names else {}


def _salesforce(
    login: SalesforceLogin, wanted: Wanted, patience: Patience, budget: RunBudget, share: float | None
) -> Connector:
    url = checked_url(login.url, "SALESFORCE_URL")
    limiter, transient = Limiter(salesforce_limits.allowance, share), salesforce_session.transient
    http = Http(SALESFORCE, url, patience=patience, budget=budget, limiter=limiter, transient=transient)
    return Salesforce(http, login, wanted)


def _hubspot(
    login: HubSpotLogin, wanted: Wanted, patience: Patience, budget: RunBudget, share: float | None
) -> Connector:
    url = checked_url(login.url, "HUBSPOT_URL")
    headers = {"Authorization": f"Bearer {login.token.get_secret_value()}"}
    limiter, transient = Limiter(hubspot_api.allowance, share), hubspot_api.transient
    http = Http(HUBSPOT, url, patience=patience, budget=budget, limiter=limiter, headers=headers, transient=transient)
    return HubSpot(http, wanted, hubspot_api.checked_version(login.api_version))


def _aloware(login: AlowareLogin, wanted: Wanted, patience: Patience, budget: RunBudget) -> Connector:
    url = checked_url(login.url, "ALOWARE_URL")
    catalogue_url = checked_url(login.catalogue_url, "ALOWARE_CATALOGUE_URL") if login.catalogue_url else None
    limiter = None if is_loopback(url) else Limiter(pace=Pace(login.calls_per_minute))
    http = Http(ALOWARE, url, patience=patience, budget=budget, limiter=limiter)
    exports = (login.export, aloware_export.VARIABLE), (login.communications, aloware_communications.VARIABLE)
    clients = [
        Http(ALOWARE, checked_url(place, variable), patience=patience, budget=budget, follow_redirects=True)
        if place and is_url(place)
        else None
        for place, variable in exports
    ]
    return Aloware(http, replace(login, url=url, catalogue_url=catalogue_url), wanted, *clients)
