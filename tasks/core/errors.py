"""Everything that can go wrong on purpose, with the exit code a person's script can rely on.

TandemError
├── UsageError          2   an unknown id, a contradiction in what was asked
├── SettingsError      10   the environment: a missing credential, an address that isn't allowed
├── PolicyError        10   the operator's TOML, or a mapping that the systems can't carry
├── ConnectorError     11   a system refused or could not be reached
├── LedgerBusy         23   another run holds the ledger
└── Interrupted       130   a person stopped us between two batches of writes
"""


class TandemError(Exception):
    """A sentence for the person at the terminal that names what to do next; never a token or a whole phone number."""

    exit_code = 1


class UsageError(TandemError):
    exit_code = 2


class SettingsError(TandemError):
    exit_code = 10


class PolicyError(TandemError):
    exit_code = 10


class ConnectorError(TandemError):
    """A system refused (credentials, permissions) or could not be reached inside the retry budget."""

    exit_code = 11

    def __init__(self, system: str, message: str) -> None:
        super().__init__(message)
        self.system = system


class LedgerBusy(TandemError):
    exit_code = 23


class Interrupted(TandemError):
    exit_code = 130
