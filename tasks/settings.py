"""The environment, read here and nowhere else. An empty variable is an unset one; secrets stay wrapped."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from pydantic import SecretStr

from tasks.core.errors import PolicyError, SettingsError
from tasks.core.policy import Policy, parse

# How each system is reached, and what the sandbox's `/ready` says for it.
VARIABLES = {
    "SALESFORCE_URL": ("salesforce", "url"),
    "SALESFORCE_CLIENT_ID": ("salesforce", "client_id"),
    "SALESFORCE_CLIENT_SECRET": ("salesforce", "client_secret"),
    "HUBSPOT_URL": ("hubspot", "url"),
    "HUBSPOT_TOKEN": ("hubspot", "token"),
    "ALOWARE_URL": ("aloware", "url"),
    "ALOWARE_TOKEN": ("aloware", "token"),
    "ALOWARE_CATALOGUE_URL": ("aloware", "catalogue_url"),
    "ALOWARE_CONTACTS_EXPORT": ("aloware", "export_contacts"),
    "ALOWARE_COMMUNICATIONS_EXPORT": ("aloware", "export_communications"),
}

# Ways to log in to Salesforce other than by its secret alone, and what else each needs.
WAYS = {"SALESFORCE_REFRESH_TOKEN": (), "SALESFORCE_JWT_KEY": ("SALESFORCE_USERNAME",)}

# The listener's: asked of the environment alone, for what is posted while it waits for Prefect comes only once.
INBOX = (
    "HUBSPOT_CLIENT_SECRET",  # with which HubSpot signs what it posts to the inbox
    "TANDEM_INBOX_BEARER",  # what Aloware's webhooks must say; or, as user:password, the next
    "TANDEM_INBOX_BASIC",
    "TANDEM_INBOX_URL",  # the inbox's address as HubSpot was given it, where a proxy stands before it
)
MORE = (
    *INBOX,
    "HUBSPOT_API_VERSION",  # a date or v3, where the portal isn't on the version that we speak
)

# Without these of a system's, its block is asked.
ESSENTIAL = {
    "SALESFORCE": ("SALESFORCE_URL", "SALESFORCE_CLIENT_ID"),
    "HUBSPOT": ("HUBSPOT_URL", "HUBSPOT_TOKEN"),
    "ALOWARE": ("ALOWARE_URL", "ALOWARE_TOKEN"),
}
BLOCK = "prefect://"  # before the name of the block that has the ledger's address

DEFAULT_POLICY = Path(__file__).parents[1] / "flows" / "policy" / "default.toml"
PRIVATE = {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}  # nothing phones out


@dataclass(frozen=True)
class Settings:
    """Where things are and how long to wait. `variables` holds the systems' own (SALESFORCE_URL …).

    Where a Prefect server is in charge, what the environment lacks of a system is looked up in its block there.
    """

    home: Path
    database_url: str | None
    policy_path: Path
    http_timeout: float
    prefect_api_url: str | None
    reports_url: str | None = None  # where others reach the folder `reports` of the home
    dask_address: str | None = None  # the scheduler of the cluster; None: this machine's processors
    variables: dict[str, str] = field(default_factory=dict, repr=False)
    _blocks: dict[str, Mapping[str, str]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def load(cls) -> "Settings":
        """Read the environment. Raises SettingsError for a value that can't be used."""
        env = {name: value for name, value in os.environ.items() if value}
        home = Path(env.get("TANDEM_HOME", ".tandem")).absolute()
        return cls(
            home=home,
            database_url=env.get("TANDEM_DATABASE_URL"),
            policy_path=Path(env.get("TANDEM_POLICY", DEFAULT_POLICY)).absolute(),
            http_timeout=_seconds(env.get("TANDEM_HTTP_TIMEOUT", "10")),
            prefect_api_url=env.get("PREFECT_API_URL"),
            reports_url=env.get("TANDEM_REPORTS_URL", "").rstrip("/") or None,
            dask_address=env.get("TANDEM_DASK_ADDRESS"),
            variables={name: env[name] for name in (*VARIABLES, *WAYS, *chain(*WAYS.values()), *MORE) if name in env},
        )

    def policy(self) -> Policy:
        """The operator's policy. Raises PolicyError naming what to correct."""
        try:
            return parse(tomllib.loads(self.policy_path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise PolicyError(f"There is no policy at {self.policy_path}: set TANDEM_POLICY to your file.") from None
        except (OSError, UnicodeDecodeError) as error:
            raise PolicyError(f"The policy {self.policy_path} can't be read: {type(error).__name__}.") from None
        except tomllib.TOMLDecodeError as error:
            raise PolicyError(f"The policy {self.policy_path} is not TOML: {error}.") from None

    def required(self, *names: str) -> list[str]:
        """Those variables' values. Raises SettingsError naming every one that is missing."""
        given = {name: value for name in names if (value := self.optional(name)) is not None}
        missing = [name for name in names if name not in given]
        if missing:
            raise SettingsError(f"Set {' and '.join(missing)} in the environment, then run this again.")
        return [given[name] for name in names]

    def optional(self, name: str) -> str | None:
        """That variable's value; the environment's wins."""
        given = self.variables.get(name)
        system = name.partition("_")[0]
        if given is not None or name in INBOX or self.prefect_api_url is None or not self._lacks(system):
            return given
        return self._block(system).get(name)

    def ledger_url(self) -> str | None:
        """The address of the ledger; None: the file in the home."""
        if self.database_url is None or not self.database_url.startswith(BLOCK):
            return self.database_url
        if self.prefect_api_url is None:
            raise SettingsError(
                "TANDEM_DATABASE_URL names a Prefect block: set PREFECT_API_URL to the server that has it."
            )
        prepare_prefect(self.home)
        from tasks import blocks

        return blocks.database(self.prefect_api_url, self.database_url.removeprefix(BLOCK))

    def secret(self, name: str) -> SecretStr:
        return SecretStr(self.required(name)[0])

    def optional_secret(self, name: str) -> SecretStr | None:
        return SecretStr(given) if (given := self.optional(name)) is not None else None

    def key(self, name: str) -> SecretStr | None:
        """A key in PEM form, given as such or by the path of its file. Raises SettingsError for a file that can't be
        read."""
        given = self.optional(name)
        if given is None or given.startswith("-----BEGIN"):
            return SecretStr(given.replace("\\n", "\n")) if given else None
        try:
            return SecretStr(Path(given).read_text(encoding="ascii"))
        except (OSError, UnicodeDecodeError):
            raise SettingsError(f"{name} names no key file that can be read: set it to one, or to the key.") from None

    def check_salesforce(self) -> None:
        """Raise SettingsError unless one way to log in to Salesforce is set, wholly, and no more than one."""
        chosen = [name for name in WAYS if self.optional(name) is not None]
        if len(chosen) > 1:
            raise SettingsError(f"{' and '.join(chosen)} are two ways to log in: unset one, then run this again.")
        if self.optional("SALESFORCE_USERNAME") is not None and "SALESFORCE_JWT_KEY" not in chosen:
            raise SettingsError("SALESFORCE_USERNAME goes with SALESFORCE_JWT_KEY: set that too, or unset this one.")
        needed = WAYS[chosen[0]] if chosen else ("SALESFORCE_CLIENT_SECRET",)
        self.required("SALESFORCE_URL", "SALESFORCE_CLIENT_ID", *needed)

    def _lacks(self, system: str) -> bool:
        """Whether the environment alone can't reach that system."""
        missing = any(name not in self.variables for name in ESSENTIAL.get(system, ()))
        ways = ("SALESFORCE_CLIENT_SECRET", *WAYS)
        return missing or (system == "SALESFORCE" and not any(way in self.variables for way in ways))

    def _block(self, system: str) -> Mapping[str, str]:
        """What that system's block has, asked for once."""
        if system not in self._blocks:
            prepare_prefect(self.home)
            from tasks import blocks

            self._blocks[system] = blocks.credentials(str(self.prefect_api_url), system)
        return self._blocks[system]


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if seconds <= 0:
        raise SettingsError(f"TANDEM_HTTP_TIMEOUT is {text!r}: set it to a number of seconds above 0.")
    return seconds


def prepare_prefect(home: Path) -> None:
    """Prefect's own settings, before its first import: everything in our home, nothing phones out, a quiet terminal."""
    defaults = {
        **PRIVATE,
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
        "PREFECT_CLIENT_MAX_RETRIES": "4",  # half a minute for a server that is gone, not two
    }
    adopt({name: value for name, value in defaults.items() if not os.environ.get(name)})


def own_prefect_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """The environment for a process of a Prefect server of our own: ours, without what configures the operator's."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return {**inherited, **PRIVATE, **variables}


def adopt(variables: Mapping[str, str]) -> None:
    """Set variables for this process and those that it starts, as if the operator had exported them."""
    os.environ.update(variables)
