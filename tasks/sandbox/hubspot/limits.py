"""HubSpot's rate limits for a free portal (fact sheet, section 4): counted always, enforced under `--limits real`.

The burst limit is an app's own; searches and the day are the account's.
"""

from collections import defaultdict, deque
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tasks.sandbox.hubspot.errors import Refusal, over_limit, over_search_limit
from tasks.sandbox.world import World

BURST, BURST_WINDOW = 100, timedelta(seconds=10)
SEARCHES, SEARCH_WINDOW = 5, timedelta(seconds=1)
DAILY = 250_000


class _Window:
    """Calls within the last `length`."""

    def __init__(self, length: timedelta) -> None:
        self._length = length
        self._calls: deque[datetime] = deque()

    def count(self, now: datetime) -> int:
        while self._calls and now - self._calls[0] >= self._length:
            self._calls.popleft()
        return len(self._calls)

    def add(self, now: datetime) -> None:
        self._calls.append(now)


class Limits:
    """What the apps of one account have used of their allowance. An app is known by its token."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._bursts: defaultdict[str, _Window] = defaultdict(lambda: _Window(BURST_WINDOW))
        self._searches = _Window(SEARCH_WINDOW)
        self._day: date | None = None
        self.used_today = 0

    def admit(self, app: str, search: bool) -> Refusal | None:
        """Count a call, or say why it is refused."""
        now = self._world.clock.now()
        self._turn(now)
        window, most = (self._searches, SEARCHES) if search else (self._bursts[app], BURST)
        if self._world.real_limits:
            if self.used_today >= DAILY:
                return over_limit("DAILY")
            if window.count(now) >= most:
                return over_search_limit() if search else over_limit("TEN_SECONDLY_ROLLING")
        window.add(now)
        self.used_today += 1
        return None

    def headers(self, app: str, search: bool) -> dict[str, str]:
        """Rate headers. Searches carry the daily ones only, or none: sources differ (fact sheet, section 4)."""
        daily = {
            "X-HubSpot-RateLimit-Daily": str(DAILY),
            "X-HubSpot-RateLimit-Daily-Remaining": str(max(0, DAILY - self.used_today)),
        }
        if search:
            return daily if self._world.switches.hubspot_search_daily_headers else {}
        used = self._bursts[app].count(self._world.clock.now())
        if not self._world.real_limits:
            used = min(used, BURST // 2)  # what isn't enforced never runs short: clients that heed it stay fast
        return daily | {
            "X-HubSpot-RateLimit-Max": str(BURST),
            "X-HubSpot-RateLimit-Remaining": str(max(0, BURST - used)),
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(int(BURST_WINDOW.total_seconds() * 1000)),
            "X-HubSpot-RateLimit-Secondly": str(BURST // 10),
            "X-HubSpot-RateLimit-Secondly-Remaining": str(BURST // 10),
        }

    def _turn(self, now: datetime) -> None:
        today = now.astimezone(ZoneInfo(self._world.timezone)).date()
        if today != self._day:
            self._day, self.used_today = today, 0
