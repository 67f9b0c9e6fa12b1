"""Hands, reaching out: from credentials to a connector that is ready to be asked. Nothing is sent yet."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol, cast

from tasks.connectors import aloware_export, hubspot_api, salesforce_limits, salesforce_session
from tasks.connectors.aloware import Aloware
from tasks.connectors.http import Http, checked_url, is_loopback
from tasks.connectors.hubspot import HubSpot
from tasks.connectors.limits import Limiter
from tasks.connectors.logins import AlowareLogin, HubSpotLogin, Login, SalesforceLogin
from tasks.connectors.patience import Pace, Patience, RunBudget
from tasks.connectors.protocol import Catalogue, Connector
from tasks.connectors.salesforce import Salesforce
from tasks.core.model import ALOWARE, HUBSPOT, SALESFORCE, Capability, Status

Wanted = Mapping[str, Sequence[str]]


class _KnowsStatuses(Protocol):
    def statuses(self, name: str) -> list[Status]: ...


class _KnowsAccounts(Protocol):
    def accounts(self, names: Sequence[str]) -> dict[str, list[str]]: ...


class _HasTasks(Protocol):
    def tasks(self, keys: Sequence[str]) -> dict[str, str]: ...


class _HasTeam(Protocol):
    def team(self) -> Mapping[str, str]: ...


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
        return _salesforce(login, wanted, patience, budget, share)
    if isinstance(login, HubSpotLogin):
        return _hubspot(login, wanted, patience, budget, share)
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


def team(connector: Connector) -> Mapping[str, str]:
    """Active users of a system: id → lower-case e-mail."""
    return cast(_HasTeam, connector).team()


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
    export = None
    if login.export and aloware_export.is_url(login.export):
        place = checked_url(login.export, aloware_export.VARIABLE)
        export = Http(ALOWARE, place, patience=patience, budget=budget, follow_redirects=True)
    return Aloware(http, replace(login, url=url, catalogue_url=catalogue_url), wanted, export)
