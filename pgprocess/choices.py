"""The words that people choose from, stored as text: what a task is, when it runs, what happens when it can't."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class TriggerRule(TextChoices):
    """What a task asks of its parents before it runs."""

    ALL_SUCCEEDED = "all_succeeded", _("all succeeded")
    NONE_FAILED = "none_failed", _("none failed")
    NONE_FAILED_MIN_ONE_SUCCEEDED = "none_failed_min_one_succeeded", _("none failed, one succeeded")
    ALL_DONE = "all_done", _("all done")
    ONE_SUCCEEDED = "one_succeeded", _("one succeeded")
    ONE_FAILED = "one_failed", _("one failed")
    ALL_FAILED = "all_failed", _("all failed")
    ALWAYS = "always", _("always")


class Kind(TextChoices):
    """What a task runs."""

    PYTHON = "python", _("Python script")
    SHELL = "shell", _("shell script")
    PERL = "perl", _("Perl script")
    FILE = "file", _("script file")
    CALLABLE = "callable", _("callable")
    COMMAND = "command", _("management command")
    SQL = "sql", _("SQL")


class Backoff(TextChoices):
    """How the delay grows from one retry to the next."""

    NONE = "none", _("none")
    LINEAR = "linear", _("linear")
    EXPONENTIAL = "exponential", _("exponential")


class Overlap(TextChoices):
    """What a tick does while an earlier job of its process is not over."""

    SKIP = "skip", _("skip")
    ALLOW = "allow", _("allow")
    BUFFER_ONE = "buffer_one", _("let one wait")
    BUFFER_ALL = "buffer_all", _("let all wait")
    CANCEL_RUNNING = "cancel_running", _("cancel what runs")


class CatchUp(TextChoices):
    """What happens to ticks that passed while nobody looked."""

    NONE = "none", _("none")
    LAST = "last", _("the last one")
    ALL = "all", _("all")


class AlertKind(TextChoices):
    """What is worth telling people, or a monitor, about a run."""

    FAILED = "failed", _("failed")
    RECOVERED = "recovered", _("recovered")
    LATE = "late", _("late")
    MISSED = "missed", _("missed")
    LONG = "long", _("longer than usual")
    PING = "ping", _("ping")


class Reprocess(TextChoices):
    """Which slots that are jobs already a backfill runs again."""

    NONE = "none", _("none")
    FAILED = "failed", _("failed")
    ALL = "all", _("all")
