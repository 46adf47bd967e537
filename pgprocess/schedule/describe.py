"""A schedule in words, in the active language: one function for the admin, the docs and all other readers.

"At 02:30, from Monday to Friday (Europe/Madrid)": times, days, months, zone. A part that is left out means every.
"""

from __future__ import annotations

from datetime import datetime, tzinfo

from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from pgprocess.schedule.fields import LAST, Field
from pgprocess.schedule.schedule import Schedule
from pgprocess.schedule.zones import zone_named

MANY_TIMES = 6


def describe(schedule: Schedule) -> str:
    """Return when a schedule runs, as a phrase without a full stop. Raises ScheduleError if it can't be read."""
    schedule.check()
    if schedule.is_empty:
        return _("On demand only")
    minute, hour, day, month, weekday = schedule.fields
    minutes, hours = [*minute.numbers], [*hour.numbers]
    parts = [_times(minutes, hours), _days(day, weekday, hours), _months([*month.numbers])]
    zone = zone_named(schedule.timezone)
    schedule.check_bounds()
    if schedule.start_at:
        parts.append(_("from %(moment)s on") % {"moment": _moment(schedule.start_at, zone)})
    if schedule.end_at:
        parts.append(_("until %(moment)s") % {"moment": _moment(schedule.end_at, zone)})
    return f"{', '.join(part for part in parts if part)} ({schedule.timezone})"


def _moment(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


# When


def _times(minutes: list[int], hours: list[int]) -> str:
    if len(hours) == 24:
        return _every(minutes, 60) or _each_hour(minutes)
    if len(minutes) == 1:
        if every := _step(hours, 24):
            return _at_minute(ngettext("Every %(n)s hour", "Every %(n)s hours", every) % {"n": every}, minutes)
        times = [f"{each:02}:{minutes[0]:02}" for each in hours]
        if len(times) > 2 and _is_run(hours):
            return _("Every hour from %(first)s to %(last)s") % {"first": times[0], "last": times[-1]}
        return _("At %(times)s") % {"times": _all_of(times)}
    if len(minutes) * len(hours) <= MANY_TIMES:
        return _("At %(times)s") % {"times": _all_of([f"{h:02}:{m:02}" for h in hours for m in minutes])}
    when = _every(minutes, 60) or _("At minutes %(minutes)s") % {"minutes": _all_of(minutes)}
    if _is_run(hours):
        span = {"when": when, "first": f"{hours[0]:02}:00", "last": f"{hours[-1]:02}:59"}
        return _("%(when)s from %(first)s to %(last)s") % span
    return ngettext("%(when)s in the hour %(hours)s", "%(when)s in the hours %(hours)s", len(hours)) % {
        "when": when,
        "hours": _all_of(hours),
    }


def _each_hour(minutes: list[int]) -> str:
    if len(minutes) == 1:
        return _at_minute(_("Every hour"), minutes)
    return _("Every hour at minutes %(minutes)s") % {"minutes": _all_of(minutes)}


def _at_minute(phrase: str, minutes: list[int]) -> str:
    if minutes == [0]:
        return phrase
    return _("%(phrase)s at minute %(minute)s") % {"phrase": phrase, "minute": minutes[0]}


def _every(minutes: list[int], whole: int) -> str:
    if len(minutes) == whole:
        return _("Every minute")
    if every := _step(minutes, whole):
        return ngettext("Every %(n)s minute", "Every %(n)s minutes", every) % {"n": every}
    return ""


# On which days


def _days(day: Field, weekday: Field, hours: list[int]) -> str:
    either = not day.starred and not weekday.starred
    if (day.is_any and weekday.is_any) or (either and (day.is_any or weekday.is_any)):
        by_the_clock = len(hours) == 24 or _step(hours, 24)
        return "" if by_the_clock else _("every day")
    if weekday.is_any:
        return _month_days(day)
    if day.is_any:
        return _weekdays(weekday)
    both = {"days": _month_days(day), "weekdays": _weekdays(weekday)}
    return (_("%(days)s or %(weekdays)s") if either else _("%(weekdays)s, but only %(days)s")) % both


def _month_days(field: Field) -> str:
    phrases = [_("on the last day of the month")] if field.last_day else []
    phrases += [_("on the working day nearest to day %(day)s") % {"day": day} for day in field.nearest]
    if days := [*field.numbers]:
        span = _("%(first)s to %(last)s") % {"first": days[0], "last": days[-1]}
        named = span if len(days) > 2 and _is_run(days) else _all_of(days)
        phrases.insert(
            0, ngettext("on day %(days)s of the month", "on days %(days)s of the month", len(days)) % {"days": named}
        )
    return _all_of(phrases)


def _weekdays(field: Field) -> str:
    places = sorted(field.places, key=lambda place: (place[1] == LAST, place[1], (place[0] - 1) % 7))
    phrases = [_nth(place) % {"day": _weekday(day)} for day, place in places]
    days = sorted(field.numbers, key=lambda number: (number - 1) % 7)
    if len(days) > 2 and _is_run([(number - 1) % 7 for number in days]):
        phrases.insert(0, _("from %(first)s to %(last)s") % {"first": _weekday(days[0]), "last": _weekday(days[-1])})
    elif days:
        phrases.insert(0, pgettext("weekdays", "on %(days)s") % {"days": _all_of([_weekday(day) for day in days])})
    return _all_of(phrases)


def _nth(place: int) -> str:
    return [
        _("on the first %(day)s of the month"),
        _("on the second %(day)s of the month"),
        _("on the third %(day)s of the month"),
        _("on the fourth %(day)s of the month"),
        _("on the fifth %(day)s of the month"),
        _("on the last %(day)s of the month"),
    ][place if place == LAST else place - 1]


def _weekday(number: int) -> str:
    return str(WEEKDAYS[(number - 1) % 7])


def _months(months: list[int]) -> str:
    if len(months) == 12:
        return ""
    names = [str(MONTHS[month]) for month in months]
    if len(months) > 2 and _is_run(months):
        return _("from %(first)s to %(last)s") % {"first": names[0], "last": names[-1]}
    return pgettext("months", "in %(months)s") % {"months": _all_of(names)}


# Numbers


def _is_run(numbers: list[int]) -> bool:
    return numbers == list(range(numbers[0], numbers[-1] + 1))


def _step(numbers: list[int], whole: int) -> int:
    """Return the distance of the numbers if they go round evenly from 0 on; else 0."""
    step = numbers[1] - numbers[0] if len(numbers) > 1 else 0
    return step if step > 1 and whole % step == 0 and numbers == list(range(0, whole, step)) else 0


def _all_of(items: list[str] | list[int]) -> str:
    *first, last = [str(item) for item in items]
    return _("%(list)s and %(last)s") % {"list": ", ".join(first), "last": last} if first else last
