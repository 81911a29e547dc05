"""When people of the demo company do things: office hours, weekdays, seasons."""

from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sandbox.amocrm.cast import SEASON

OPENS, CLOSES = 9, 19
HOUR = 3600
DAY = 24 * HOUR


def local_date(moment: float, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(moment, zone).date()


def at_work(moment: float, zone: ZoneInfo, rng: Random) -> int:
    """The moment itself within office hours, else some minutes into the next working day."""
    local = datetime.fromtimestamp(moment, zone)
    if OPENS <= local.hour < CLOSES and local.weekday() < 6:
        return int(moment)
    opening = local.replace(hour=OPENS, minute=0, second=0, microsecond=0)
    if local.hour >= OPENS:
        opening += timedelta(days=1)
    while opening.weekday() == 6:
        opening += timedelta(days=1)
    return int(opening.timestamp()) + rng.randrange(20 * 60, 3 * HOUR)


def arrivals(count: int, since: date, until: datetime, rng: Random) -> list[int]:
    """Moments at which `count` clients turn up: more in the season, fewer on Sundays, most by day."""
    zone = until.tzinfo
    days = [since + timedelta(days=number) for number in range((until.date() - since).days + 1)]
    weights = [SEASON[day.month - 1] * (0.35 if day.weekday() == 6 else 1.0) for day in days]
    moments = []
    for day in rng.choices(days, weights, k=count):
        hour = min(23.9, max(0.1, rng.gauss(13.5, 3.6)))
        midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
        moments.append(int(midnight.timestamp() + hour * HOUR))
    now = int(until.timestamp())
    return sorted(moment if moment < now else now - rng.randrange(60, DAY) for moment in moments)


def month_edges(since: date, until: date, zone: ZoneInfo) -> list[int]:
    """Half past midnight of the first of each month in `zone`: in UTC it is still the month before."""
    edges = []
    first = date(since.year + since.month // 12, since.month % 12 + 1, 1)
    while first < until:
        edges.append(int(datetime(first.year, first.month, 1, 0, 30, tzinfo=zone).timestamp()))
        first = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return edges
