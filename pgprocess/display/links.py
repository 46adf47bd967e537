"""The addresses of rows: pages of the admin, in projects that have it."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse


def change(model: str, pk: int) -> str:
    """Return the page of one row of ours, or nothing."""
    return _address(f"admin:pgprocess_{model}_change", pk)


def runs(job: int, task: int) -> str:
    """Return the list of all runs of one task in one job, or nothing."""
    page = _address("admin:pgprocess_jobtask_changelist")
    return page and f"{page}?{urlencode({'job__id__exact': job, 'task__id__exact': task})}"


def _address(name: str, *args: int) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
