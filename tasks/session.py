"""One sitting: settings, policy, ledger and connectors, opened when first asked for and closed together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property

from tasks.connectors.logins import HUBSPOT_API, AlowareLogin, HubSpotLogin, Login, SalesforceLogin
from tasks.connectors.opening import open_connector, vitals, with_owners
from tasks.connectors.patience import Patience, RunBudget
from tasks.connectors.protocol import Connector
from tasks.connectors.read_only import ReadOnly
from tasks.connectors.skipping import skipping
from tasks.core import render
from tasks.core.communications.attribution import Place, called, places
from tasks.core.communications.communication import Communication
from tasks.core.errors import UsageError
from tasks.core.model import HUBSPOT, SALESFORCE, SYSTEMS
from tasks.core.plan import Plan
from tasks.core.policy import Policy
from tasks.core.state import State
from tasks.core.suppression import Suppressed
from tasks.engine import HERE, Engine, dask_engine
from tasks.ledger import Ledger, new_id, open_ledger
from tasks.settings import Settings


class Session:
    """What the verbs of one run share. `read_only` hands out connectors that refuse to write.

    `connectors` are open already (fakes, in tests); the others are opened with the environment's credentials.
    `owners`: the CRMs are read with who owns each record, whether or not the policy asks for it.
    """

    def __init__(
        self,
        settings: Settings,
        policy: Policy,
        read_only: bool = False,
        connectors: Mapping[str, Connector] | None = None,
        owners: bool = False,
    ) -> None:
        self.settings, self.policy, self.read_only, self.owners = settings, policy, read_only, owners
        self._open: dict[str, Connector] = dict(connectors or {})
        self._budget = RunBudget()

    @cached_property
    def ledger(self) -> Ledger:
        return open_ledger(self.settings.ledger_url(), self.settings.home)

    @cached_property
    def engine(self) -> Engine:
        """What plans are thought by."""
        return dask_engine(self.settings) if self.policy.engine == "dask" else HERE

    @cached_property
    def suppressed(self) -> Suppressed:
        """Whom we were asked to forget."""
        return Suppressed(self.policy, *self.ledger.suppressions.load())

    def now(self) -> datetime:
        return datetime.now(UTC)

    @contextmanager
    def run(self, mode: str) -> Iterator[str]:
        """A new run, which holds the ledger; its id. Raises LedgerBusy while another does: then there was no run."""
        now = self.now()
        run = new_id(now)
        with self.ledger.lease.held(run, now):
            yield self.ledger.runs.begin(mode, now, run)

    def state(self, about: Iterable[str] | None = None) -> State:
        """The ledger as it stands, for the policy's fields; of those people and records, or of all."""
        return self.ledger.memory.state(list(self.policy.fields), about)

    def names(self, plan: Plan, people: Sequence[str]) -> dict[str, str]:
        """Those people's names, from the plan and, where it doesn't say, from what was decided before."""
        decided = plan.advance.golden
        known = (decided,) if render.knows_names(people, decided) else (self.state(people).golden, decided)
        return render.names(people, *known)

    def places(self, communications: Sequence[Communication]) -> Mapping[str, Place]:
        """Communication id → where it belongs; see `attribution.places`."""
        numbers = self.policy.phones
        people = self.ledger.people.owners(called(communications, numbers))
        return places(communications, self.state(people), numbers)

    def connected(self) -> list[str]:
        """Connected systems, in their order. Raises UsageError when there are none."""
        known = self.ledger.connections.all()
        systems = [system for system in SYSTEMS if system in known and known[system].connected]
        if not systems:
            raise UsageError("Nothing is connected yet: run `tandem connect salesforce` (or hubspot, aloware) first.")
        return systems

    def active(self) -> list[str]:
        """Connected systems that aren't paused."""
        return [s for s in self.connected() if not self.ledger.connections.all()[s].paused]

    def connector(self, system: str) -> Connector:
        """The connector of that system, with credentials from the environment. Raises SettingsError without them."""
        if system not in self._open:
            wanted = self.policy.wanted(system)
            connector = open_connector(
                self._login(system),
                with_owners(system, wanted) if self.owners else wanted,
                patience=Patience(timeout=self.settings.http_timeout),
                budget=self._budget,
                share=self.policy.budgets.of(system),
            )
            self._open[system] = ReadOnly(connector) if self.read_only else connector
        return skipping(self._open[system], self.suppressed)

    def _login(self, system: str) -> Login:
        settings = self.settings
        if system == SALESFORCE:
            settings.check_salesforce()
            url, client_id = settings.required("SALESFORCE_URL", "SALESFORCE_CLIENT_ID")
            return SalesforceLogin(
                url,
                client_id,
                client_secret=settings.optional_secret("SALESFORCE_CLIENT_SECRET"),
                refresh_token=settings.optional_secret("SALESFORCE_REFRESH_TOKEN"),
                jwt_key=settings.key("SALESFORCE_JWT_KEY"),
                username=settings.optional("SALESFORCE_USERNAME") or "",
                allow_duplicates=self.policy.salesforce.duplicates == "allow",
            )
        if system == HUBSPOT:
            url, _ = settings.required("HUBSPOT_URL", "HUBSPOT_TOKEN")
            version = settings.optional("HUBSPOT_API_VERSION") or HUBSPOT_API
            return HubSpotLogin(url, settings.secret("HUBSPOT_TOKEN"), version)
        url, _ = settings.required("ALOWARE_URL", "ALOWARE_TOKEN")
        aloware = self.policy.aloware
        return AlowareLogin(
            url=url,
            token=settings.secret("ALOWARE_TOKEN"),
            catalogue_url=settings.optional("ALOWARE_CATALOGUE_URL"),
            export=settings.optional("ALOWARE_CONTACTS_EXPORT") or aloware.contacts_export or None,
            export_columns=aloware.export_columns,
            timezone=aloware.export_timezone,
            export_as_of=datetime.fromisoformat(aloware.export_as_of) if aloware.export_as_of else None,
            communications=settings.optional("ALOWARE_COMMUNICATIONS_EXPORT") or aloware.communications_export or None,
            communications_columns=aloware.communications_columns,
            calls_per_minute=aloware.calls_per_minute,
        )

    def check_settings(self, systems: list[str] | None = None) -> None:
        """Raise SettingsError for a missing variable before anything else is said (connectors send nothing yet)."""
        for system in systems or SYSTEMS:
            self._login(system)

    def calls(self) -> Mapping[str, Mapping[str, int]]:
        """Requests sent so far, by system."""
        return {system: dict(connector.calls) for system, connector in self._open.items()}

    def days_left(self) -> dict[str, tuple[int | None, int | None]]:
        """By system asked so far: the calls left of the day, of how many, as far as it says."""
        told = {system: vitals(connector) for system, connector in self._open.items()}
        return {system: (known.left, known.most) for system, known in told.items()}

    def close(self) -> None:
        for connector in self._open.values():
            connector.close()
        if "engine" in self.__dict__:
            self.engine.end()
        if "ledger" in self.__dict__:
            self.ledger.close()


@contextmanager
def open_session(read_only: bool = False, owners: bool = False) -> Iterator[Session]:
    """A session on the environment's settings and policy. Raises SettingsError or PolicyError before anything opens."""
    settings = Settings.load()
    session = Session(settings, settings.policy(), read_only, owners=owners)
    try:
        yield session
    finally:
        session.close()
