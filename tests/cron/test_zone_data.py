"""A machine without zone data, or with old data, pauses nobody: another cron, or this one later, makes the jobs."""

from __future__ import annotations

import logging
import sys
import zoneinfo
from collections.abc import Callable, Iterator
from types import ModuleType
from zoneinfo import ZoneInfo

import pytest

from pgprocess.cron.cron import Cron
from pgprocess.exceptions import ScheduleError
from pgprocess.schedule import zones
from pgprocess.schedule.schedule import Schedule
from tests.builders.daily import Daily
from tests.builders.drawing import Executes

Switch = Callable[[bool], None]


@pytest.fixture(params=[None, ModuleType("tzdata")], ids=["none", "broken"])
def zone_data(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Switch]:
    """Take the zone data of this machine away, or give it back. A package that is broken is none."""
    path = zoneinfo.TZPATH

    def switch(there: bool) -> None:
        zones.names.found = frozenset()
        ZoneInfo.clear_cache()
        zoneinfo.reset_tzpath(path if there else ())
        if there:
            monkeypatch.undo()
        else:
            monkeypatch.setitem(sys.modules, "tzdata", request.param)

    yield switch
    switch(True)


def test_without_zone_data_utc_is_known_and_the_machine_is_blamed(zone_data: Switch) -> None:
    zone_data(False)
    Schedule("0", "3").check()
    for name in ("Europe/Madrid", "Mars/Olympus"):
        with pytest.raises(ScheduleError, match="install the package tzdata"):
            Schedule("0", "3", timezone=name).check()
    zone_data(True)
    Schedule("0", "3", timezone="Europe/Madrid").check()


def test_a_zone_whose_file_can_not_be_read_is_no_misspelled_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Europe/Madrid" in zones.names()
    monkeypatch.setattr(zones, "_load", lambda _name: None)
    with pytest.raises(zones.NoZoneData):
        zones.zone_named("Europe/Madrid")


def test_a_cron_without_zone_data_pauses_nobody_says_so_and_tries_again(
    cron: Cron, execute: Executes, zone_data: Switch, caplog: pytest.LogCaptureFixture
) -> None:
    madrid = Daily(execute, "madrid")
    madrid.set(timezone="Europe/Madrid", minute="*", hour="*")
    madrid.set(next_run_at=madrid.slot, scheduled_from=madrid.slot)
    utc = Daily(execute, "utc")
    zone_data(False)
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            wait = cron.tick()
    assert wait is not None
    assert 0 < wait <= 2
    assert (len(utc.jobs), madrid.jobs, madrid.get("is_active"), madrid.get("paused_reason")) == (1, [], True, "")
    [said] = [record.getMessage() for record in caplog.records]
    assert said.startswith("A slot of madrid waits for a cron that knows its time zone: This machine has no data")
    zone_data(True)
    cron.tick()
    assert [status for _, status in madrid.jobs].count("running") == 1


def test_hundreds_of_them_hold_nobody_back(cron: Cron, execute: Executes, zone_data: Switch) -> None:
    execute(
        "INSERT INTO pgprocess_process (name, minute, timezone, next_run_at) "
        "SELECT 'p' || n, '*', 'Europe/Madrid', now() - interval '1 day' FROM generate_series(1, 250) AS n"
    )
    utc = Daily(execute, "utc")
    zone_data(False)
    cron.tick()
    assert len(utc.jobs) == 1
    assert execute("SELECT count(*) FROM pgprocess_process WHERE is_active") == [(251,)]


def test_a_zone_that_another_cron_has_followed_is_unknown_to_this_machine_alone(cron: Cron, execute: Executes) -> None:
    followed, typo = Daily(execute, "followed"), Daily(execute, "typo")
    for daily in (followed, typo):
        daily.set(timezone="Europe/Atlantis")
        daily.set(next_run_at=daily.slot)
    followed.set(looked_at=followed.slot)
    cron.tick()
    assert (followed.get("is_active"), typo.get("is_active")) == (True, False)
    assert "There is no time zone" in typo.get("paused_reason")
    followed.set(timezone="Europe/Atlantic")
    cron.tick()
    assert not followed.get("is_active")


@pytest.mark.parametrize(
    "name", ["posix/UTC", "right/UTC", "posixrules", "localtime", "Factory", "Europe", "tzdata.zi"]
)
def test_what_is_no_place_is_no_zone(name: str) -> None:
    with pytest.raises(zones.UnknownZone, match="There is no time zone"):
        zones.zone_named(name)


def test_every_zone_is_known() -> None:
    for name in zoneinfo.available_timezones() - zones.NO_PLACES:
        Schedule("0", "3", timezone=name).check()
