"""The words that people choose from, stored as text: what a task is, when it runs, what happens when it can't run."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class TriggerRule(TextChoices):
    """The condition on a task's parents before the task runs."""

    ALL_SUCCEEDED = "all_succeeded", _("all succeeded")
    NONE_FAILED = "none_failed", _("none failed")
    NONE_FAILED_MIN_ONE_SUCCEEDED = "none_failed_min_one_succeeded", _("none failed, one succeeded")
    ALL_DONE = "all_done", _("all done")
    ONE_SUCCEEDED = "one_succeeded", _("one succeeded")
    ONE_FAILED = "one_failed", _("one failed")
    ALL_FAILED = "all_failed", _("all failed")
    ALWAYS = "always", _("always")


class Kind(TextChoices):
    """The kinds of tasks, each with a runner of its own."""

    PYTHON = "python", _("Python script")
    SHELL = "shell", _("shell script")
    PERL = "perl", _("Perl script")
    FILE = "file", _("script file")
    CALLABLE = "callable", _("callable")
    COMMAND = "command", _("management command")
    SQL = "sql", _("SQL")


class Backoff(TextChoices):
    """The growth of the delay from one retry to the next."""

    NONE = "none", _("none")
    LINEAR = "linear", _("linear")
    EXPONENTIAL = "exponential", _("exponential")


class Overlap(TextChoices):
    """The policy for a slot that is due while an earlier job of its process is not over."""

    SKIP = "skip", _("skip")
    ALLOW = "allow", _("allow")
    BUFFER_ONE = "buffer_one", _("let one wait")
    BUFFER_ALL = "buffer_all", _("let all wait")
    CANCEL_RUNNING = "cancel_running", _("cancel what runs")


class CatchUp(TextChoices):
    """The policy for slots that passed while no cron was running."""

    NONE = "none", _("none")
    LAST = "last", _("the last one")
    ALL = "all", _("all")


class AlertKind(TextChoices):
    """The events that people or a monitor are told of."""

    FAILED = "failed", _("failed")
    RECOVERED = "recovered", _("recovered")
    LATE = "late", _("late")
    MISSED = "missed", _("missed")
    LONG = "long", _("longer than usual")
    PING = "ping", _("ping")


class Reprocess(TextChoices):
    """The slots with a job already that a backfill runs again."""

    NONE = "none", _("none")
    FAILED = "failed", _("failed")
    ALL = "all", _("all")
