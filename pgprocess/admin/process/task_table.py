"""The tasks of a process as a table to read: for people who may not edit them here, and for many tasks.

The markup is built in Python: 1,000 rows take 22 ms, and 90 ms in a template, which asks for each address anew."""

from __future__ import annotations

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from pgprocess.admin.task.parents_field import Edges
from pgprocess.display.markup import joined
from pgprocess.models import Process, Task


def task_table(process: Process, edges: Edges) -> SafeString:
    """Return a row a task, with links to the task and to its parents; empty without tasks. One query."""
    tasks = list(Task.objects.filter(process_id=process.pk).order_by("pk").defer("code", "arguments"))
    if not tasks:
        return SafeString("")
    before, after = reverse("admin:pgprocess_task_change", args=[0]).rsplit("0", 1)
    links = {task.pk: format_html('<a href="{}{}{}">{}</a>', before, task.pk, after, task.name) for task in tasks}
    return format_html(
        '<div class="pgp-scroll" tabindex="0" role="region" aria-label="{}"><table class="pgp-rows"><thead><tr>{}</tr>'
        "</thead><tbody>{}</tbody></table></div>",
        _("Tasks"),
        format_html_join("", '<th scope="col">{}</th>', ((head,) for head in table_heads())),
        joined(table_row(task, links, edges.get(task.pk, set())) for task in tasks),
    )


def table_heads() -> tuple[str, ...]:
    """Return the heads of the columns."""
    return _("Task"), _("Runs"), _("Waits for"), _("Trigger rule"), _("Queue"), _("Level"), _("Offset")


def table_row(task: Task, links: dict[int, SafeString], parents: set[int]) -> SafeString:
    """Return the row of a task."""
    tag = format_html(' <span class="pgp-tag">{}</span>', pgettext("a task", "inactive"))
    return format_html(
        '<tr><th scope="row">{}{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td class="pgp-number">{}</td>'
        '<td class="pgp-number">{}</td></tr>',
        *(links[task.pk], "" if task.is_active else tag, task.get_kind_display()),
        format_html_join(", ", "{}", ((links[pk],) for pk in sorted(parents) if pk in links)),
        *(task.get_trigger_rule_display(), task.queue, "" if task.level is None else task.level, task.offset),
    )
