"""Several records with one number: which of them speaks, and which go by their next number (design, 3.5 and 3.6)."""

import pandas as pd

from tasks.core.frames import among
from tasks.core.identity.keys import listed
from tasks.core.identity.numbers import carried
from tasks.core.identity.union import pairs
from tasks.core.model import SALESFORCE
from tasks.core.plan import COLLISIONS
from tasks.core.policy import Policy
from tasks.core.state import REPRESENTATIVE, SHADOW, TOMBSTONE, State, empty


def roles(members: pd.DataFrame, state: State, policy: Policy) -> "pd.Series[str]":
    """One representative per person and system: the priority object, then the present one, then the policy's pick.

    A record that an address led here comes after those that a number did.
    """
    ranks = {name: n for n, name in enumerate(policy.salesforce.objects)}
    rivals = members[members.duplicated(["person", "system"], keep=False)]
    spoke = state.links["role"].reindex(rivals["base_ref"]).to_numpy() == REPRESENTATIVE
    order = rivals.assign(
        object_rank=rivals["object"].map(ranks).where(rivals["system"] == SALESFORCE, 0),
        was=~(spoke & ~rivals["foreign"]),
        nameless=rivals["key"].isna(),
        born=_age(rivals, policy),
    ).sort_values(["person", "system", "object_rank", "was", "nameless", "born", "record_id"])
    shadows = order.index[order.duplicated(["person", "system"])]
    role = pd.Series(REPRESENTATIVE, index=members.index, dtype="str")
    return role.mask(among(members.index, shadows), SHADOW)


def _age(records: pd.DataFrame, policy: Policy) -> "pd.Series[int]":
    """What the policy's pick sorts by."""
    return records["created_at"].astype("int64") * (1 if policy.phones.pick == "oldest" else -1)


def next_numbers(free: pd.DataFrame, linked: pd.DataFrame, keys: "pd.Series[str]", policy: Policy) -> "pd.Series[str]":
    """The key that each unlinked record goes by: its first valid number, or, where the policy says so and another
    record of its object has that, its next valid number that nobody goes by.
    """
    if policy.phones.shared_number != "next-number":
        return free["key"]
    holder = keys[among(keys, free["key"])]
    seated = linked[among(linked["person"], holder.index)]
    seated = seated.assign(key=holder.reindex(seated["person"]).to_numpy())
    everyone = pd.concat([seated.assign(rank=0), free[free["key"].notna()].assign(rank=1)])
    everyone = everyone.assign(born=_age(everyone, policy)).sort_values(["rank", "born", "record_id"])
    surplus = everyone[everyone.duplicated(["system", "object", "key"]) & (everyone["rank"] == 1)]
    taken = {*keys.dropna(), *free["key"].dropna()}
    spare: dict[str, str] = {}
    for ref, row in surplus.iterrows():
        numbers = [row[name] for name in policy.phone_fields(row["system"], row["object"])]
        left = [number for number in numbers if pd.notna(number) and number and number not in taken]
        spare |= {str(ref): number for number in left[:1]}
        taken |= {*left[:1]}
    return pd.Series(free.index, index=free.index).map(spare).astype("str").fillna(free["key"])


def shared(members: pd.DataFrame, keys: "pd.Series[str]") -> pd.DataFrame:
    """One number on several records of one system: said aloud, with the one that was chosen to speak."""
    sized = members.groupby(["person", "system"])["record_id"].transform("size")
    several = members[sized > 1].rename_axis("ref").reset_index().sort_values("ref")
    if several.empty:
        return empty(COLLISIONS)
    groups = several.groupby(["person", "system"], sort=True)
    chosen = several[several["role"] == REPRESENTATIVE].set_index(["person", "system"])
    found = pd.DataFrame({"records": groups["ref"].agg(listed), "objects": groups["object"].nunique()})
    found["kind"] = found["objects"].eq(1).map({True: "shared-number", False: "lead-and-contact"})
    found["phone"] = keys.reindex(found.index.get_level_values("person")).to_numpy()
    found["chosen"] = chosen["ref"]
    return found[list(COLLISIONS)].reset_index(drop=True).astype("str")


def possible(members: pd.DataFrame, told: "pd.Series[str]", policy: Policy) -> pd.DataFrame:
    """A number that records of several people carry in whatever field: perhaps they are one. `told` is reported."""
    rows = carried(members, policy)
    rows = rows[~among(rows["number"], told)]
    people = rows.drop_duplicates(["person", "number"])["number"]
    several = rows[among(rows["number"], people[people.duplicated()])]
    if several.empty:
        return empty(COLLISIONS)
    records = several.groupby("number", sort=True)["ref"].agg(listed)
    found = pd.DataFrame({"kind": "possible", "phone": records.index, "records": records.to_numpy(), "chosen": ""})
    return found.astype("str")


def became_one(one: "pd.Series[str]", state: State) -> pd.DataFrame:
    """People who turned out to be one: the number that was absorbed, and all records of theirs."""
    links = state.links[(state.links["role"] != TOMBSTONE) & among(state.links["person"], [*one.index, *one])]
    refs = links.index.to_series().groupby(links["person"]).agg(list).to_dict()
    rows = [
        ("became-one", state.people["key"].get(person), listed(refs.get(person, []) + refs.get(survivor, [])), "")
        for person, survivor in pairs(one)
    ]
    return pd.DataFrame(rows, columns=list(COLLISIONS), dtype="str")
