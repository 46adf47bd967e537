"""Time zones by name. No database, no settings."""

from __future__ import annotations

from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pgprocess.exceptions import ScheduleError
from pgprocess.text import nearest


@cache
def _zones() -> frozenset[str]:
    """Return the names of all zones that there are: not posixrules, localtime and the like, which are no places."""
    return frozenset(available_timezones()) - {"Factory", "localtime"}


def zone_named(name: str) -> ZoneInfo:
    """Return the time zone of that name. Raises ScheduleError, with the nearest name if there is one."""
    try:
        zone = ZoneInfo(name)
        if name not in _zones() and name != "UTC":
            raise ZoneInfoNotFoundError(name)
        return zone
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        zones = {zone.lower(): zone for zone in _zones()}
        near = nearest(name.strip().lower().replace(" ", "_"), zones)
        advice = f"did you mean {zones[near]}?" if near else "use a name such as Europe/Berlin, or UTC."
        raise ScheduleError(f'There is no time zone "{name}": {advice}') from error
