"""The slots that passed since a cron last looked: some run, the others were missed, with the reason.

No database, no clock. A process that was left alone for a year costs no more than its ``catch_up_limit``: so many slots
are told apart, and the slots before them are counted together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zlib import crc32

from pgprocess.choices import CatchUp
from pgprocess.schedule.schedule import Schedule
from pgprocess.schedule.wall_clock import near_utc

JUST_NOW = timedelta(seconds=60)
AT_ONCE = timedelta(seconds=5)
"""The time that a cron which is in time may take; a shorter grace, such as 0, would leave every slot out."""
MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot of the schedule that runs, or was missed for a ``reason``; ``lost`` if no later slot runs in its place."""

    at: datetime
    reason: str = ""
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy of a process for slots that were missed; ``misfire_grace`` in seconds."""

    catch_up: str = CatchUp.LAST
    misfire_grace: float | None = None
    limit: int = 100


def judge_slots(
    schedule: Schedule, after: datetime, now: datetime, policy: Policy
) -> tuple[list[Slot], datetime | None]:
    """Return the slots after ``after`` and not after ``now``, oldest first, and the next slot; None if there is none.

    A slot that is ``misfire_grace`` late or later, but no less than five seconds, is missed; without a grace that is a
    minute for the policy ``none``, and never for the others. Of the rest ``all`` runs the newest ``limit``, ``last``
    and ``none`` run the newest.
    """
    # In UTC: to Python two slots of an hour that comes twice are equal, since they look alike.
    after, now = near_utc(after), near_utc(now)
    walk = (at.astimezone(UTC) for at in schedule.runs_after(after))
    first = next(walk, None)
    if first is None or first > now:
        return [], first
    second = next(walk, None)
    if second is None or second > now:
        # As a rule one slot is due, and has been found with the next one in a single walk.
        return _judge([first], now, policy), second
    newest = [at.astimezone(UTC) for at in schedule.newest(after, now, policy.limit)]
    found = _judge(newest, now, policy)
    if len(newest) == policy.limit and (older := _older(schedule, after, newest[0], policy.limit)):
        found.insert(0, older)
    return found, next(schedule.runs_after(now), None)


def _judge(newest: list[datetime], now: datetime, policy: Policy) -> list[Slot]:
    grace = max(timedelta(seconds=policy.misfire_grace), AT_ONCE) if policy.misfire_grace is not None else None
    if grace is None and policy.catch_up == CatchUp.NONE:
        grace = JUST_NOW
    in_time = [at for at in newest if grace is None or now - at < grace]
    runs = in_time if policy.catch_up == CatchUp.ALL else in_time[-1:]
    return [Slot(at) if at in runs else _missed(at, now, grace, at in in_time) for at in newest]


def _missed(at: datetime, now: datetime, grace: timedelta | None, in_time: bool) -> Slot:
    if in_time:
        return Slot(at, "missed: a later slot runs in its place")
    late, allowed = (round(span.total_seconds()) for span in (now - at, grace or timedelta(0)))
    return Slot(at, f"missed: it was {late} s late, and {allowed} s are allowed", lost=True)


def _older(schedule: Schedule, after: datetime, before: datetime, limit: int) -> Slot | None:
    """Return one slot for all the slots before the newest ``limit``; None without any."""
    first = next(schedule.runs_between(after, before - MOMENT), None)
    if first is None:
        return None
    [last] = schedule.newest(after, before - MOMENT, 1)
    number = schedule.count(after, before - MOMENT)
    span = " to ".join(f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" for at in (first, last))
    return Slot(first, f"missed: {number} slots from {span}; of an outage the newest {limit} are told apart", lost=True)


def spread(process: int, jitter: float) -> timedelta:
    """Return how much later than its slots a process begins: always the same time, less than ``jitter`` seconds."""
    return timedelta(seconds=jitter * (crc32(str(process).encode()) / 2**32))
