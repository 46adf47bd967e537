"""Time zones by name. No database, no settings."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, available_timezones

from pgprocess.exceptions import ScheduleError
from pgprocess.text import nearest

NO_PLACES = {"Factory", "localtime"}


class UnknownZone(ScheduleError):
    """No zone has this name, as far as this machine knows: another one may have newer data."""


class NoZoneData(UnknownZone):
    """A zone whose data this machine lacks: the name is not to blame."""


class _Names:
    """The names of all zones that there are: not posixrules and the like, which are no places."""

    def __init__(self) -> None:
        self.found: frozenset[str] = frozenset()

    def __call__(self) -> frozenset[str]:
        """Return the names; without any look again the next time, for somebody may install them."""
        with suppress(Exception):  # whatever half an installation raises: there is no data then
            self.found = self.found or frozenset(available_timezones() - NO_PLACES)
        return self.found


names = _Names()


def zone_named(name: str) -> tzinfo:
    """Return the time zone of that name; UTC needs no data.

    Raises UnknownZone, with the nearest name if there is one, and NoZoneData where the machine is to blame.
    """
    zone = _load(name)
    if zone and (name in names() or name == "UTC"):
        return zone
    if name == "UTC":
        return UTC
    if not names() or name in names():
        raise NoZoneData(f'This machine has no data of the time zone "{name}": install the package tzdata on it.')
    zones = {zone.lower(): zone for zone in names()}
    near = nearest(name.strip().lower().replace(" ", "_"), zones)
    advice = f"did you mean {zones[near]}?" if near else "use a name such as Europe/Berlin, or UTC."
    raise UnknownZone(f'There is no time zone "{name}": {advice}')


def _load(name: str) -> tzinfo | None:
    with suppress(Exception):  # beside the three errors for a wrong name what half an installation raises
        return ZoneInfo(name)
    return None
