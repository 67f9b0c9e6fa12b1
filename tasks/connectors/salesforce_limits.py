"""Hands on Salesforce, sparing: what its answers say of the calls that are left."""

import re

from tasks.connectors.limits import Allowance, Headers

_USAGE = re.compile(r"(?<![\w-])api-usage=(\d+)/(\d+)")


def allowance(headers: Headers) -> Allowance:
    """Calls of the day, used and allowed, as data calls tell them (fact sheet, section 1); there is no burst limit."""
    usage = _USAGE.search(headers.get("Sforce-Limit-Info", ""))
    if usage is None:
        return Allowance()
    used, most = int(usage[1]), int(usage[2])
    return Allowance(day=max(0, most - used), most=most)
