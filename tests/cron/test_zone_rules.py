"""Rules of zones change: crons with old rules and with new ones make one job of each slot together, and lose none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import cycle, islice, product
from random import Random
from typing import Any

import pytest

from pgprocess.cron import plan
from pgprocess.cron.cron import Cron
from pgprocess.schedule import schedule
from pgprocess.sql import rules
from tests.builders.drawing import Executes, draw

DAY = timedelta(days=1)
FIRST = datetime(2026, 3, 2, tzinfo=UTC)


class Rules(tzinfo):
    """A zone that is so many hours ahead of UTC until an instant, and then others, as one edition of the zones says."""

    def __init__(self, hours: float, then: float | None = None, at: datetime = FIRST) -> None:
        self.before = timedelta(hours=hours)
        self.behind = self.before if then is None else timedelta(hours=then)
        self.at = at.replace(tzinfo=None)

    def utcoffset(self, wall: datetime | None) -> timedelta:
        assert wall
        naive = wall.replace(tzinfo=None)
        first, last = sorted((naive - self.before, naive - self.behind))
        if last < self.at:
            return self.before
        if first >= self.at:
            return self.behind
        later = self.behind if self.before > self.behind else self.before
        earlier = self.before if self.before > self.behind else self.behind
        return later if wall.fold == (self.before > self.behind) else earlier

    def fromutc(self, moment: datetime) -> datetime:
        offset = self.before if moment.replace(tzinfo=None) < self.at else self.behind
        wall = moment + offset
        repeated = timedelta(0) <= moment.replace(tzinfo=None) - self.at < self.before - self.behind
        return wall.replace(fold=int(repeated))

    def tzname(self, wall: datetime | None) -> str:
        return "RULES"

    def dst(self, wall: datetime | None) -> timedelta:
        return timedelta(0)


class Fleet:
    """Crons that tick at moments that the test says, each with the rules that the test gives it."""

    def __init__(self, cron: Cron, execute: Executes, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cron, self.execute, self.patch = cron, execute, monkeypatch

    def set_clock(self, at: datetime) -> None:
        self.execute(
            "CREATE OR REPLACE FUNCTION pgprocess_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS "
            f"$$ SELECT timestamptz '{at.isoformat()}' $$"
        )

    def knows(self, rules: tzinfo) -> None:
        for module in (schedule, plan):
            self.patch.setattr(module, "zone_named", lambda _name: rules)

    def tick(self, at: datetime, rules: tzinfo, *, anew: bool = False) -> None:
        self.set_clock(at)
        self.knows(rules)
        if anew:
            self.cron.corrected = 0
        self.cron.tick()

    def define(self, minute: str, hour: str, since: datetime, **columns: Any) -> int:
        process = draw(self.execute, "a")
        columns = {"minute": minute, "hour": hour, "timezone": "Asia/Amman", "overlap": "allow"} | columns
        sets = ", ".join(f"{name} = %s" for name in columns)
        self.execute(f"UPDATE pgprocess_process SET {sets} WHERE id = %s", [*columns.values(), process])
        self.execute("UPDATE pgprocess_process SET scheduled_from = %s", [since])
        return process

    @property
    def jobs(self) -> list[datetime]:
        return [
            slot.astimezone(UTC)
            for (slot,) in self.execute("SELECT logical_date FROM pgprocess_job WHERE status <> 'skipped' ORDER BY 1")
        ]

    @property
    def wakeup(self) -> datetime:
        found: datetime = self.execute("SELECT next_run_at FROM pgprocess_process")[0][0]
        return found.astimezone(UTC)


@pytest.fixture
def fleet(cron: Cron, execute: Executes, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fleet]:
    yield Fleet(cron, execute, monkeypatch)
    execute(rules()["now"])


def at_wakeups(fleet: Fleet, who: Iterator[tzinfo], until: datetime) -> None:
    """Let the crons tick in turn, each time when the cursor says so."""
    while fleet.wakeup <= until:
        fleet.tick(fleet.wakeup + timedelta(seconds=1), next(who))


OLD_AND_NEW = [(2, 3), (3, 2), (0, -1), (5.5, 5.75), (-10, 14), (14, -10)]


@pytest.mark.parametrize(("old", "new"), OLD_AND_NEW)
@pytest.mark.parametrize("pattern", [pattern for pattern in product((0, 1), repeat=4) if any(pattern)])
def test_crons_with_different_rules_make_one_job_of_each_day(
    fleet: Fleet, old: float, new: float, pattern: tuple[int, ...]
) -> None:
    editions = [Rules(old), Rules(new)]
    fleet.define("0", "3", FIRST - timedelta(hours=30), catch_up="all")
    fleet.tick(FIRST - timedelta(hours=30), editions[0])
    at_wakeups(fleet, cycle(editions[each] for each in pattern), FIRST + 8 * DAY)
    gaps = [later - earlier for earlier, later in zip(fleet.jobs, fleet.jobs[1:], strict=False)]
    shift = timedelta(hours=abs(old - new))
    assert len(fleet.jobs) >= 7 - shift // DAY
    assert all(DAY - shift <= gap <= DAY + shift for gap in gaps)
    walls = {slot + timedelta(hours=hours) for slot in fleet.jobs for hours in (old, new)}
    days = {wall.date() for wall in walls if wall.hour == 3}
    assert len(fleet.jobs) <= len(days)


@pytest.mark.parametrize(("before", "by_old", "by_new"), [(3, 2, 3), (2, 3, 2), (2, 2, 3), (2, 2, 1)])
@pytest.mark.parametrize("catch_up", ["last", "all", "none"])
def test_a_slot_that_moved_before_its_look_runs(
    fleet: Fleet, before: float, by_old: float, by_new: float, catch_up: str
) -> None:
    old, new = Rules(before, by_old), Rules(before, by_new)
    fleet.define("0", "3", FIRST - timedelta(hours=30), catch_up=catch_up)
    fleet.tick(FIRST - timedelta(hours=30), old)
    fleet.tick(fleet.wakeup + timedelta(seconds=1), old)
    fleet.tick(FIRST - timedelta(hours=2), new, anew=True)
    while fleet.wakeup < FIRST + 3 * DAY:
        fleet.tick(fleet.wakeup + timedelta(seconds=1), new)
    walls = [slot.astimezone(new) for slot in fleet.jobs]
    assert [(wall.day, wall.hour) for wall in walls] == [(1, 3), (2, 3), (3, 3), (4, 3)]


def test_a_cron_that_begins_with_new_rules_corrects_what_others_told(fleet: Fleet) -> None:
    old, new = Rules(3, 2), Rules(3)
    fleet.define("0", "3", FIRST - timedelta(hours=2))
    fleet.tick(FIRST - timedelta(hours=1.5), old)
    assert fleet.wakeup == FIRST + timedelta(hours=1)
    fleet.tick(FIRST - timedelta(hours=1), new)
    assert fleet.wakeup == FIRST + timedelta(hours=1)
    fleet.tick(FIRST - timedelta(hours=1), new, anew=True)
    assert (fleet.wakeup, fleet.jobs) == (FIRST, [])
    fleet.tick(FIRST, new)
    assert fleet.jobs == [FIRST]


def test_more_than_a_hundred_are_corrected_in_several_looks(fleet: Fleet, execute: Executes) -> None:
    old, new = Rules(3, 2), Rules(3)
    execute(
        "INSERT INTO pgprocess_process (name, minute, hour, timezone, scheduled_from) "
        "SELECT 'p' || n, '0', '3', 'Asia/Amman', %s FROM generate_series(1, 250) AS n",
        [FIRST - timedelta(hours=2)],
    )
    for _ in range(3):
        fleet.tick(FIRST - timedelta(hours=1.5), old)
    fleet.cron.corrected = 0
    for _ in range(3):
        assert fleet.cron.corrected is not None
        fleet.tick(FIRST - timedelta(hours=1), new)
    assert fleet.cron.corrected is None
    assert execute("SELECT DISTINCT next_run_at FROM pgprocess_process") == [(FIRST,)]


def test_a_schedule_of_all_hours_goes_on_in_real_time(fleet: Fleet) -> None:
    editions = [Rules(2), Rules(3)]
    fleet.define("0", "*", FIRST, catch_up="all")
    fleet.tick(FIRST, editions[0])
    at_wakeups(fleet, cycle(editions), FIRST + timedelta(hours=5))
    assert fleet.jobs == [FIRST + timedelta(hours=n) for n in range(1, 6)]


def test_a_cursor_that_a_person_moves_says_from_where_on_slots_count(fleet: Fleet, execute: Executes) -> None:
    fleet.define("0", "3", FIRST, catch_up="all")
    utc = Rules(0)
    for moment in (FIRST, *islice((FIRST + n * DAY + timedelta(hours=4) for n in range(9)), 3)):
        fleet.tick(moment, utc)
    assert len(fleet.jobs) == 3
    execute("UPDATE pgprocess_process SET next_run_at = %s", [FIRST + 6 * DAY])
    fleet.tick(FIRST + 5 * DAY, utc)
    fleet.tick(FIRST + 7 * DAY, utc)
    assert fleet.jobs[3:] == [FIRST + 6 * DAY + timedelta(hours=3)]
    execute("UPDATE pgprocess_process SET next_run_at = %s", [FIRST - DAY])
    fleet.tick(FIRST + 7 * DAY, utc)
    assert fleet.jobs == [FIRST + n * DAY + timedelta(hours=3) for n in range(-1, 7)]


# A clock that was wrong


@pytest.mark.parametrize("jump", [timedelta(minutes=5), timedelta(days=1), timedelta(days=365), timedelta(days=3650)])
@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE pgprocess_process SET minute = '*/10'",
        "UPDATE pgprocess_process SET timezone = 'UTC'",
        "UPDATE pgprocess_process SET is_active = false; UPDATE pgprocess_process SET is_active = true",
        "UPDATE pgprocess_process SET next_run_at = NULL, looked_at = NULL, scheduled_from = pgprocess_now()",
        "UPDATE pgprocess_process SET description = 'other'",
    ],
)
@pytest.mark.parametrize("seen", ["by nobody", "by this cron", "by another cron"])
def test_a_schedule_that_was_edited_while_the_clock_was_ahead_runs_when_it_is_right_again(
    fleet: Fleet, execute: Executes, connect: Callable[..., Any], jump: timedelta, edit: str, seen: str
) -> None:
    utc = Rules(0)
    fleet.define("*/5", "", FIRST)
    fleet.tick(FIRST, utc)
    fleet.set_clock(FIRST + jump)
    execute(edit)
    if seen != "by nobody":
        fleet.cron.tick()
        if seen == "by another cron":
            fleet.cron.clock = FIRST
            fleet.cron.tidied = float("-inf")
    execute("TRUNCATE pgprocess_job CASCADE")
    fleet.tick(FIRST + timedelta(seconds=10), utc)
    assert FIRST < fleet.wakeup <= FIRST + timedelta(minutes=10)
    fleet.tick(FIRST + timedelta(minutes=10), utc)
    assert FIRST + timedelta(minutes=10) in fleet.jobs


def test_a_cursor_at_the_beginning_of_the_calendar_costs_no_more_than_ten_years(
    fleet: Fleet, execute: Executes
) -> None:
    fleet.define("*", "*", FIRST)
    execute("UPDATE pgprocess_process SET next_run_at = '0002-01-01'")
    fleet.tick(FIRST, Rules(1, 2, FIRST - 99 * DAY))
    assert fleet.jobs == [FIRST]
    assert execute("SELECT count(*) FROM pgprocess_job") == [(101,)]


@pytest.mark.parametrize("how", ["insert", "update"])
@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(days=200)])
def test_a_cursor_by_hand_stays_where_it_is_whatever_the_clock_did(
    fleet: Fleet, execute: Executes, how: str, ahead: timedelta
) -> None:
    slot = FIRST + timedelta(hours=3)
    fleet.set_clock(FIRST)
    columns = {"name": "p", "minute": "0", "hour": "3", "scheduled_from": FIRST + ahead}
    if how == "insert":
        columns["next_run_at"] = slot
    marks = ", ".join(["%s"] * len(columns))
    execute(f"INSERT INTO pgprocess_process ({', '.join(columns)}) VALUES ({marks})", [*columns.values()])
    if how == "update":
        execute("UPDATE pgprocess_process SET next_run_at = %s", [slot])
    fleet.tick(FIRST + timedelta(hours=1), Rules(0))
    assert fleet.wakeup == slot
    fleet.tick(slot + timedelta(seconds=1), Rules(0))
    assert fleet.jobs == [slot]


@pytest.mark.parametrize("seed", range(8))
def test_a_clock_that_steps_about_doubles_no_slot_and_when_it_is_right_none_is_lost(
    fleet: Fleet, execute: Executes, seed: int
) -> None:
    random, utc = Random(seed), Rules(0)
    fleet.define("*", "*", FIRST, catch_up="all")
    edits = ["minute = '*/1'", "is_active = NOT is_active", "description = 'other'", "timezone = 'Etc/UTC'"]
    for _ in range(12):
        fleet.set_clock(FIRST + random.choice([-1, 1]) * timedelta(seconds=random.expovariate(1e-5)))
        execute(f"UPDATE pgprocess_process SET {random.choice(edits)}")
        if random.random() < 0.7:
            fleet.cron.tick()
        if random.random() < 0.2:
            fleet.cron.connect()
    execute("UPDATE pgprocess_process SET is_active = true")
    fleet.cron.clock = None
    fleet.tick(FIRST, utc)
    for minute in range(1, 6):
        fleet.tick(FIRST + timedelta(minutes=minute, seconds=1), utc)
    assert {FIRST + timedelta(minutes=minute) for minute in range(1, 6)} <= {*fleet.jobs}
    assert len(fleet.jobs) == len({*fleet.jobs})
    assert FIRST + timedelta(minutes=5) < fleet.wakeup <= FIRST + timedelta(minutes=6)
