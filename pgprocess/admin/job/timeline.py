"""When the tasks of a job waited and ran: pale while waiting, one solid bar for each try."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from pgprocess.admin.job.diagram import Edges
from pgprocess.admin.job.task_rows import Line
from pgprocess.admin.job.time_scale import Scale, scale
from pgprocess.diagram.notes import SEVERITY
from pgprocess.display import links
from pgprocess.display.durations import duration
from pgprocess.display.status import glyph, word
from pgprocess.models import Attempt, Job
from pgprocess.statuses import Status

MANY = 120  # rows that are shown unless all are asked for
WAITING = (Status.READY, Status.SCHEDULED)


@dataclass(frozen=True, slots=True)
class Try:
    """One try of a task: since when it waited for it, and when it ran; ``until`` is now for what goes on."""

    number: int
    status: str
    waited: datetime | None
    since: datetime | None
    until: datetime


def timeline(job: Job, lines: Sequence[Line], edges: Edges, now: datetime, *, whole: bool) -> SafeString:
    """The timeline as a table: a row a task, in the order in which they depend on each other; one query."""
    begin = job.started_at or job.created_at
    kept = list(lines) if whole or len(lines) <= MANY else most_notable(lines)
    earlier = attempts_of(job)
    ends = {line.task: line.finished for line in lines if line.finished}
    parents: dict[int, list[datetime]] = defaultdict(list)
    for parent, child in edges:
        if parent in ends:
            parents[child].append(ends[parent])
    tries = {line.task: tries_of(line, earlier.get(line.id, []), parents[line.task], begin, now) for line in kept}
    worked = [(one.since, one.until) for bars in tries.values() for one in bars if one.since]
    end = max((until for _since, until in worked), default=job.finished_at or now)
    if not job.is_over:
        end = now + max(timedelta(seconds=5), (now - begin) * 0.12)
    drawn = scale(begin.timestamp(), end.timestamp(), [(a.timestamp(), b.timestamp()) for a, b in worked])
    depth = depths(edges)
    kept.sort(key=lambda line: (depth.get(line.task, 0), line.task))
    return table(drawn, [row(job, line, tries[line.task], drawn) for line in kept], len(lines) - len(kept), job)


def most_notable(lines: Sequence[Line]) -> list[Line]:
    """Those in trouble, those that run, and of the others the longest."""

    def importance(line: Line) -> tuple[int, float]:
        took = (line.finished - line.started).total_seconds() if line.started and line.finished else 0.0
        return min(SEVERITY.index(line.status), SEVERITY.index(Status.READY)), -took

    return sorted(lines, key=importance)[:MANY]


def attempts_of(job: Job) -> Mapping[int, list[Attempt]]:
    """The earlier tries of the tasks that ran once, by job task."""
    found: dict[int, list[Attempt]] = defaultdict(list)
    rows = Attempt.objects.filter(jobtask__job_id=job.pk, jobtask__map_index=None).order_by("jobtask_id", "number")
    for attempt in rows.only("jobtask_id", "number", "status", "started_at", "finished_at", "created_at")[:5000]:
        found[attempt.jobtask_id].append(attempt)
    return found


def tries_of(
    line: Line, earlier: Sequence[Attempt], parents: Sequence[datetime], begin: datetime, now: datetime
) -> list[Try]:
    """All tries of a task, with when each began to wait: once its parents had ended, or it was sent back."""
    tries, back = [], begin

    def waited(since: datetime) -> datetime:
        return max([back, *(end for end in parents if back <= end <= since)])

    for attempt in earlier:
        if attempt.started_at and attempt.finished_at:
            times = waited(attempt.started_at), attempt.started_at, attempt.finished_at
            tries.append(Try(attempt.number, attempt.status, *times))
        back = max(back, attempt.created_at)
    if line.started:
        tries.append(Try(line.attempt, line.status, waited(line.started), line.started, line.finished or now))
    elif line.status in WAITING:
        tries.append(Try(line.attempt + 1, line.status, waited(now), None, now))
    return tries


def depths(edges: Edges) -> dict[int, int]:
    """How many tasks stand above each at most; of edges without a circle."""
    parents: dict[int, list[int]] = defaultdict(list)
    for parent, child in edges:
        parents[child].append(parent)
    depth: dict[int, int] = {}
    for task in list(parents):
        ahead = [task]
        while ahead:
            unknown = [parent for parent in parents.get(ahead[-1], []) if parent not in depth]
            if unknown:
                ahead.extend(unknown)
            else:
                here = ahead.pop()
                depth[here] = max((depth[parent] + 1 for parent in parents.get(here, [])), default=0)
    return depth


def row(job: Job, line: Line, tries: Sequence[Try], drawn: Scale) -> SafeString:
    """A task's name, its bars and how long it ran in all."""
    ran = sum(((one.until - one.since) for one in tries if one.since), timedelta())
    return format_html(
        '<tr data-task="{}"><th scope="row"><a href="{}" tabindex="-1">{}</a></th>'
        '<td><svg class="pgp-lane" width="100%" height="18" aria-hidden="true">{}</svg></td>'
        '<td class="pgp-number"><span class="pgp-mark" data-status="{}" title="{}">{}</span> {}</td></tr>',
        *(line.task, links.runs(job.pk, line.task) if line.runs else f"?task={line.id}#task", line.name),
        format_html_join("", "{}", ((bars(line, one, drawn),) for one in tries)),
        *(line.status, word(line.status), glyph(line.status)),
        duration(ran) if any(one.since for one in tries) else "",
    )


def bars(line: Line, one: Try, drawn: Scale) -> SafeString:
    """The pale bar of a wait and the solid one of the work."""
    wait_end = one.since or one.until
    parts = []
    if one.waited and wait_end > one.waited:
        text = _("waited %s") % duration(wait_end - one.waited)
        left, width = place(drawn, one.waited, wait_end)
        parts.append(
            format_html(
                '<rect class="pgp-wait" x="{}%" y="7" width="{}%" height="4"><title>{}</title></rect>',
                left,
                width,
                text,
            )
        )
    if one.since:
        left, width = place(drawn, one.since, one.until)
        text = f"{line.name}: {_('try %d') % max(one.number, 1)}, {word(one.status)}, {duration(one.until - one.since)}"
        parts.append(
            format_html(
                '<rect class="pgp-try" data-status="{}" x="{}%" y="3" width="{}%" height="12" rx="2">'
                "<title>{}</title></rect>",
                *(one.status, left, width, text),
            )
        )
    return format_html_join("", "{}", ((part,) for part in parts))


def place(drawn: Scale, since: datetime, until: datetime) -> tuple[str, str]:
    """Where a bar begins and how wide it is, in percent; wide enough to be seen."""
    left, right = drawn.at(since.timestamp()), drawn.at(until.timestamp())
    return f"{min(left, 99.6):.2f}", f"{max(right - left, 0.4):.2f}"


def table(drawn: Scale, rows: Sequence[SafeString], left_out: int, job: Job) -> SafeString:
    """The rows under an axis; where time was squeezed, it says how much."""
    ticks = format_html_join(
        "",
        '<g class="pgp-tick"><line x1="{0}%" x2="{0}%" y1="17" y2="9999"/><text x="{0}%" y="12">{1}</text></g>',
        ((f"{spot:.2f}", clock(seconds)) for seconds, spot in drawn.ticks()),
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
        format_html_join("", "{}", ((one,) for one in rows)),
        more,
    )


def clock(seconds: float) -> str:
    """Time since the beginning: +0:05, +1:02:00."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"+{hours}:{minutes:02}:{rest:02}" if hours else f"+{minutes}:{rest:02}"
