"""Tags and filters of our admin pages, for every Django and under every theme."""

from __future__ import annotations

from typing import Any

from django import template
from django.forms import Media
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from pgprocess.admin.base import STYLES
from pgprocess.admin.dates import weekday_and_time
from pgprocess.admin.home import home_facts
from pgprocess.admin.worker.queues import serves
from pgprocess.display.status import badge, word
from pgprocess.display.terminal import without_codes
from pgprocess.text import last_line

register = template.Library()


@register.simple_tag(takes_context=True)
def nonced(context: Any, media: Media) -> SafeString:
    """Return the links and scripts of ``media``, with the nonce of a content security policy if there is one."""
    markup = str(media)
    nonce = nonce_of(context)
    if nonce is not None:
        given = format_html(' nonce="{}" ', nonce)
        markup = markup.replace("<link ", "<link" + given).replace("<script ", "<script" + given)
    return mark_safe(markup)  # noqa: S308 — Django's own markup, and the nonce is escaped


def nonce_of(context: Any) -> Any:
    """Return the nonce of this response, by Django's context processor or by django-csp; None without one."""
    if (nonce := context.get("csp_nonce")) is not None:
        return nonce
    return getattr(context.get("request"), "csp_nonce", None)


@register.simple_tag
def status(name: str, label: str = "") -> SafeString:
    """Return a status as a badge."""
    return badge(name, label)


@register.simple_tag
def older(changelist: Any) -> str:
    """Return where a list goes on after the last page that it counts; empty on the others."""
    last = list(changelist.result_list)[-1:]
    if not last or changelist.page_num < changelist.paginator.num_pages:
        return ""
    return str(changelist.get_query_string({"id__lt": last[0].pk}, ["p"]))


@register.simple_tag
def settled(job: Any) -> SafeString:
    """Return how far a job is, as a bar and in numbers."""
    done = job.tasks_total - job.tasks_left
    return format_html(
        '<progress class="pgp-progress pgp-mark" data-status="{}" value="{}" max="{}" aria-label="{}"></progress>'
        ' <span class="pgp-nowrap">{} / {}</span>',
        *(job.status, str(done), str(max(job.tasks_total, 1)), f"{done} / {job.tasks_total}", done, job.tasks_total),
    )


register.filter(word)
register.filter(serves)
register.filter(without_codes)


@register.filter
def end_of_error(row: Any) -> str:
    """Return the last line of a row's error, where a traceback says what happened."""
    return last_line(row.error)[:140]


@register.simple_tag
def wall_clock(moment: Any) -> str:
    """Return weekday, day and time of a moment, by the clocks of its own zone."""
    return weekday_and_time(moment)


@register.simple_tag(takes_context=True)
def pgprocess_media(context: Any) -> SafeString:
    """Return the stylesheets and scripts of the home page, which is no page of a ModelAdmin."""
    return nonced(context, Media(css={"all": STYLES}, js=("pgprocess/live.js", "pgprocess/home.js")))


@register.simple_tag(takes_context=True)
def pgprocess_home(context: Any) -> SafeString:
    """Return what goes on, as far as this person may see it."""
    request = context["request"]
    html = render_to_string("admin/pgprocess/home.html", {"home": home_facts(request)}, request)
    sees = request.user.has_perm("pgprocess.view_job")
    address = reverse("admin:pgprocess_job_home") if sees else ""
    return format_html('<div data-region="{}">{}</div>', address, SafeString(html))
