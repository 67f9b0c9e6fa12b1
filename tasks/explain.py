"""Verb: find whom somebody means, and gather what is known of them. No system is asked."""

from dataclasses import replace

from tasks.core.errors import UsageError
from tasks.core.explaining.dossier import Dossier, compiled, modified_at, refs_of
from tasks.core.state import State
from tasks.core.subjects import of_type, people_of, words
from tasks.session import Session


def gather(session: Session, who: str) -> list[Dossier]:
    """Whoever `who` may mean: a phone number, an e-mail, the id of a record or of a person. Raises UsageError for
    somebody who isn't known."""
    policy = session.policy
    emails = of_type(policy, "email") if "@" in who else []
    maybe = session.ledger.people.named(words(who, policy), emails)
    people = people_of(who, session.state(maybe), policy)
    if not people:
        raise UsageError(_unknown(session, who.strip()))
    state = session.state(people)
    return [_dossier(session, person, state) for person in people]


def _dossier(session: Session, person: str, state: State) -> Dossier:
    refs = refs_of(person, state)
    others = sorted(state.absorbed.index[state.absorbed["survivor"] == person])
    unborn = sorted({ref for ref in state.settled["ref"] if ref.endswith(f":+{person}")})
    past = session.ledger.dossiers.past([person, *others], [*refs, *unborn], list(session.policy.fields))
    ids, looks = list(state.links.loc[refs, "record_id"]), session.ledger.snapshots
    deciding = sorted({run for _, run in past.rules.values() if run})
    modified = {run: modified_at(looks.glimpse(ids, run)) for run in deciding}
    return compiled(person, state, session.policy, replace(past, modified=modified), looks.glimpse(ids))


def _unknown(session: Session, who: str) -> str:
    """Why nobody answers to that, as far as it can be said."""
    if (reason := session.ledger.dossiers.quarantined(who)) is not None:
        return f"the record {who} is nobody's yet: it was left out by the latest plan ({reason})"
    return (
        f"nobody is known by {who}: give a phone number, an e-mail, or the id of a record that a run has seen "
        "(`tandem reconcile` makes people known)"
    )
