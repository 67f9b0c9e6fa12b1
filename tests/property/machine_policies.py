"""The policies under which the machine's histories happen, by what they are about."""

from msgspec.structs import replace

from tasks.core.policy import Field, Phones, Policy, Recency
from tests.property.worlds import shipped_policy

NAMES = ("first_name", "last_name", "email", "phone")

SHIPPED = shipped_policy(*NAMES, "lead_status")
OPTED_OUT = Field(type="consent", contact="DoNotCall", lead="DoNotCall", hubspot="no_calls", aloware="is_dnc")


def _with(policy: Policy, **fields: Field) -> Policy:
    return replace(policy, fields=dict(policy.fields) | fields)


def _first_name(**rules: object) -> Policy:
    """The shipped policy with another rule for first names."""
    return _with(SHIPPED, first_name=replace(SHIPPED.fields["first_name"], **rules))


POLICIES: dict[str, Policy] = {
    "shipped": SHIPPED,
    "next number": replace(shipped_policy(*NAMES, "mobile_phone"), phones=Phones(shared_number="next-number")),
    "oldest": replace(shipped_policy(*NAMES, create_from=("salesforce", "hubspot")), phones=Phones(pick="oldest")),
    "where": replace(
        SHIPPED,
        salesforce=replace(SHIPPED.salesforce, where={"lead": {"LastName": ("Lee", "Low")}}),
        hubspot=replace(SHIPPED.hubspot, where={"hs_lead_status": ("NEW", "OPEN", "")}),
    ),
    "consent": _with(shipped_policy(*NAMES), no_calls=OPTED_OUT),
    "hold": _first_name(rule="hold"),
    "recency": replace(_first_name(rule="recency"), recency=Recency(tolerance_seconds=3)),
    "rank": _first_name(rule="rank", order=("hubspot", "aloware", "salesforce")),
    "clear": _first_name(blanks="clear"),
    "fill only": _first_name(blanks="fill-only"),
    "narrowed": _first_name(direction="inbound"),
    "kept drift": replace(SHIPPED, aloware=replace(SHIPPED.aloware, drift="keep")),
}
