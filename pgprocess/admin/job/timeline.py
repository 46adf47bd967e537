"""The timeline of a job, on which tasks waited and ran: pale while waiting, one solid bar for each try.

The markup is built in Python, since nearly all of it is computed: places, widths and what bars say. A template is as
fast (8 ms for 120 rows), but the computed parts would have to be handed to it as objects of their own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from pgprocess.admin.job.diagram import Edges, parents_of
from pgprocess.admin.job.task_rows import TaskRow
from pgprocess.admin.job.time_scale import TimeScale, time_scale
from pgprocess.diagram.notes import SEVERITY
from pgprocess.display import links
from pgprocess.display.durations import duration
from pgprocess.display.markup import joined
from pgprocess.display.status import glyph, word
from pgprocess.graph import depths
from pgprocess.models import Attempt, Job
from pgprocess.statuses import Status

MANY = 120  # rows that are shown unless all are asked for
WAITING = (Status.READY, Status.SCHEDULED)


@dataclass(frozen=True, slots=True)
class Try:
    """One try of a task: since when the task waited for it, and when it ran.

    ``until`` is now for a try that goes on.
    """

    number: int
    status: str
    waited: datetime | None
    since: datetime | None
    until: datetime


def timeline(job: Job, rows: Sequence[TaskRow], edges: Edges, now: datetime, *, whole: bool) -> SafeString:
    """Return the timeline as a table: a row a task, in the order in which tasks depend on each other; one query."""
    begin = job.started_at or job.created_at
    kept = list(rows) if whole or len(rows) <= MANY else most_notable(rows)
    earlier = attempts_of(job)
    ends = {row.task: row.finished for row in rows if row.finished}
    parents: dict[int, list[datetime]] = defaultdict(list)
    for parent, child in edges:
        if parent in ends:
            parents[child].append(ends[parent])
    tries = {row.task: tries_of(row, earlier.get(row.id, []), parents[row.task], begin, now) for row in kept}
    worked = [(one.since, one.until) for bars in tries.values() for one in bars if one.since]
    end = max((until for _since, until in worked), default=job.finished_at or now)
    if not job.is_over:
        end = now + max(timedelta(seconds=5), (now - begin) * 0.12)
    drawn = time_scale(begin.timestamp(), end.timestamp(), [(a.timestamp(), b.timestamp()) for a, b in worked])
    depth = depths(parents_of(edges))
    kept.sort(key=lambda row: (depth.get(row.task, 0), row.task))
    lanes = [timeline_row(job, row, tries[row.task], drawn) for row in kept]
    return timeline_table(drawn, lanes, len(rows) - len(kept), job)


def most_notable(rows: Sequence[TaskRow]) -> list[TaskRow]:
    """Return the tasks in trouble, those that run, and of the others the longest."""

    def importance(row: TaskRow) -> tuple[int, float]:
        took = (row.finished - row.started).total_seconds() if row.started and row.finished else 0.0
        return min(SEVERITY.index(row.status), SEVERITY.index(Status.READY)), -took

    return sorted(rows, key=importance)[:MANY]


def attempts_of(job: Job) -> Mapping[int, list[Attempt]]:
    """Return the earlier tries of the tasks that are not mapped, by job task."""
    found: dict[int, list[Attempt]] = defaultdict(list)
    rows = Attempt.objects.filter(jobtask__job_id=job.pk, jobtask__map_index=None).order_by("jobtask_id", "number")
    for attempt in rows.only("jobtask_id", "number", "status", "started_at", "finished_at", "created_at")[:5000]:
        found[attempt.jobtask_id].append(attempt)
    return found


def tries_of(
    row: TaskRow, earlier: Sequence[Attempt], parents: Sequence[datetime], begin: datetime, now: datetime
) -> list[Try]:
    """Return all tries of a task; each began to wait once the parents had ended, or the task was sent back."""
    tries, back = [], begin

    def waited(since: datetime) -> datetime:
        return max([back, *(end for end in parents if back <= end <= since)])

    for attempt in earlier:
        if attempt.started_at and attempt.finished_at:
            times = waited(attempt.started_at), attempt.started_at, attempt.finished_at
            tries.append(Try(attempt.number, attempt.status, *times))
        back = max(back, attempt.created_at)
    if row.started:
        tries.append(Try(row.attempt, row.status, waited(row.started), row.started, row.finished or now))
    elif row.status in WAITING:
        tries.append(Try(row.attempt + 1, row.status, waited(now), None, now))
    return tries


def timeline_row(job: Job, row: TaskRow, tries: Sequence[Try], drawn: TimeScale) -> SafeString:
    """Return the row of a task: its name, its bars and how long it ran in all."""
    ran = sum(((one.until - one.since) for one in tries if one.since), timedelta())
    return format_html(
        '<tr data-task="{}"><th scope="row"><a href="{}" tabindex="-1">{}</a></th>'
        '<td><svg class="pgp-lane" width="100%" height="18" aria-hidden="true">{}</svg></td>'
        '<td class="pgp-number"><span class="pgp-mark" data-status="{}" title="{}">{}</span> {}</td></tr>',
        *(row.task, links.runs(job.pk, row.task) if row.runs else f"?task={row.id}#task", row.name),
        joined(bars(row, one, drawn) for one in tries),
        *(row.status, word(row.status), glyph(row.status)),
        duration(ran) if any(one.since for one in tries) else "",
    )


def bars(row: TaskRow, one: Try, drawn: TimeScale) -> SafeString:
    """Return the pale bar of a wait and the solid one of the work."""
    wait_end = one.since or one.until
    parts = []
    if one.waited and wait_end > one.waited:
        text = _("waited %s") % duration(wait_end - one.waited)
        left, width = bar_place(drawn, one.waited, wait_end)
        parts.append(
            format_html(
                '<rect class="pgp-wait" x="{}%" y="7" width="{}%" height="4"><title>{}</title></rect>',
                left,
                width,
                text,
            )
        )
    if one.since:
        left, width = bar_place(drawn, one.since, one.until)
        text = f"{row.name}: {_('try %d') % max(one.number, 1)}, {word(one.status)}, {duration(one.until - one.since)}"
        parts.append(
            format_html(
                '<rect class="pgp-try" data-status="{}" x="{}%" y="3" width="{}%" height="12" rx="2">'
                "<title>{}</title></rect>",
                *(one.status, left, width, text),
            )
        )
    return joined(parts)


def bar_place(drawn: TimeScale, since: datetime, until: datetime) -> tuple[str, str]:
    """Return where a bar begins and how wide it is, in percent; wide enough to be seen."""
    left, right = drawn.at(since.timestamp()), drawn.at(until.timestamp())
    return f"{min(left, 99.6):.2f}", f"{max(right - left, 0.4):.2f}"


def timeline_table(drawn: TimeScale, lanes: Sequence[SafeString], left_out: int, job: Job) -> SafeString:
    """Return the rows under an axis, on which a place where time is squeezed says how much."""
    ticks = format_html_join(
        "",
        '<g class="pgp-tick"><line x1="{0}%" x2="{0}%" y1="17" y2="9999"/><text x="{0}%" y="12">{1}</text></g>',
        ((f"{spot:.2f}", since_begin(seconds)) for seconds, spot in drawn.ticks()),
    )
    gaps = format_html_join(
        "",
        '<rect class="pgp-gap" x="{}%" width="{}%" y="0" height="9999"><title>{}</title></rect>',
        (
            (
                f"{drawn.at(since):.2f}",
                f"{drawn.at(until) - drawn.at(since):.2f}",
                _("nothing for %s") % duration(timedelta(seconds=until - since)),
            )
            for since, until in drawn.gaps
        ),
    )
    more = ""
    if left_out > 0:
        sentence = _("%d more tasks are left out.") % left_out
        more = format_html('<p class="pgp-hint">{} <a href="?whole=1">{}</a></p>', sentence, _("Show all"))
    return format_html(
        '<div class="pgp-clip" data-end="{}"><table class="pgp-timeline"><thead><tr><th scope="col">{}</th>'
        '<td><svg class="pgp-axis" width="100%" height="18" aria-hidden="true">{}{}</svg></td>'
        '<th scope="col" class="pgp-number">{}</th></tr></thead><tbody>{}</tbody></table></div>{}',
        "" if job.is_over else int(drawn.moments[-1]),
        *(_("Task"), gaps, ticks, _("Ran for")),
        joined(lanes),
        more,
    )


def since_begin(seconds: float) -> str:
    """Return a time since the beginning as text: +0:05, +1:02:00."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"+{hours}:{minutes:02}:{rest:02}" if hours else f"+{minutes}:{rest:02}"
