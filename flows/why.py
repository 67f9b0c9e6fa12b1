"""Why a person's values are what they are. Reads the ledger and the last snapshots; asks nobody."""

from tasks.core.errors import UsageError
from tasks.core.explaining.answer import Answer, answer
from tasks.core.explaining.dossier import Dossier
from tasks.explain import gather
from tasks.session import open_session


def why(who: str, field: str | None = None) -> list[tuple[Dossier, list[Answer]]]:
    """Everybody whom `who` may mean, with the story of that field, or of all. Raises UsageError for nobody."""
    with open_session(read_only=True) as session:
        policy = session.policy
        if field is not None and field not in policy.fields:
            raise UsageError(f"There is no field {field!r} in the policy: use one of {', '.join(policy.fields)}.")
        fields = list(policy.fields) if field is None else [field]
        return [(found, [answer(name, found, policy) for name in fields]) for found in gather(session, who)]
