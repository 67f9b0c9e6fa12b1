"""Owners, account details and API usage."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from tasks.sandbox.hubspot.contacts import PORTAL
from tasks.sandbox.hubspot.errors import not_found
from tasks.sandbox.hubspot.limits import DAILY
from tasks.sandbox.hubspot.requests import page_size, whole, world_of
from tasks.sandbox.hubspot.wire import Json, flag, stamp
from tasks.sandbox.world import World

FIRST_OWNER, FIRST_USER = 61_526_374, 9_586_504
MAX_PAGE = 500


def seed_owner(world: World, email: str, first: str, last: str, at: datetime) -> str:
    """A user of the portal who can own contacts. The id to put into `hubspot_owner_id`."""
    owner_id = str(world.store.next("hubspot.owner", FIRST_OWNER))
    owner = {
        "id": owner_id,
        "email": email,
        "type": "PERSON",
        "firstName": first,
        "lastName": last,
        "userId": world.store.next("hubspot.user", FIRST_USER),
        "createdAt": stamp(at),
        "updatedAt": stamp(at),
        "archived": False,
    }
    world.store.table("hubspot.owners").put(owner_id, owner)
    return owner_id


async def owners(request: Request) -> Response:
    """All owners by id, a page at a time; `email` narrows to one."""
    query = request.query_params
    limit = whole(query.get("limit", "100"), "limit", 1, MAX_PAGE)
    after = whole(query.get("after") or 0, "after", 0, 10**18)
    rows = [
        owner
        for owner in world_of(request).store.table("hubspot.owners").rows()
        if owner["archived"] is flag(request, "archived")
        and query.get("email", owner["email"]).lower() == owner["email"].lower()
        and int(owner["id"]) >= after
    ]
    limit = page_size(request, limit, len(rows))
    body: dict[str, object] = {"results": rows[:limit]}
    if len(rows) > limit:
        following = rows[limit]["id"]
        body["paging"] = {"next": {"after": following, "link": str(request.url.include_query_params(after=following))}}
    return Json(body)


async def owner(request: Request) -> Response:
    """One owner, by owner id or, with `idProperty=userId`, by user id."""
    key = "userId" if request.query_params.get("idProperty") == "userId" else "id"
    for row in world_of(request).store.table("hubspot.owners").rows():
        if str(row[key]) == request.path_params["id"]:
            return Json(row)
    raise not_found()


async def details(request: Request) -> Response:
    world = world_of(request)
    offset = world.clock.now().astimezone(ZoneInfo(world.timezone)).utcoffset() or timedelta()
    minutes = int(offset.total_seconds() // 60)
    sign = "-" if minutes < 0 else "+"
    return Json(
        {
            "portalId": PORTAL,
            "accountType": "STANDARD",
            "timeZone": world.timezone,
            "companyCurrency": "USD",
            "additionalCurrencies": [],
            "utcOffset": f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}",
            "utcOffsetMilliseconds": minutes * 60_000,
            "uiDomain": "app.hubspot.com",
            "dataHostingLocation": "na1",
        }
    )


async def usage(request: Request) -> Response:
    """Today's calls; the day ends at midnight of the account's time zone (fact sheet, section 4)."""
    world, limits = world_of(request), request.app.state.limits
    now = world.clock.now()
    tomorrow = now.astimezone(ZoneInfo(world.timezone)).date() + timedelta(days=1)
    midnight = datetime.combine(tomorrow, datetime.min.time(), ZoneInfo(world.timezone))
    today = {
        "name": "private-apps-api-calls-daily",
        "usageLimit": DAILY,
        "currentUsage": limits.used_today,
        "collectedAt": stamp(now),
        "fetchStatus": "SUCCESS",
        "resetsAt": stamp(midnight),
    }
    return Json({"results": [today]})
