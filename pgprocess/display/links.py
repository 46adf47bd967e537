"""Where nodes lead: to the admin's pages, in projects that have them."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse


def change(model: str, pk: int) -> str:
    """The page of one object of ours, or nothing."""
    return _address(f"admin:pgprocess_{model}_change", pk)


def runs(job: int, task: int) -> str:
    """The list of all runs of one task in one job, or nothing."""
    page = _address("admin:pgprocess_jobtask_changelist")
    return page and f"{page}?{urlencode({'job__id__exact': job, 'task__id__exact': task})}"


def _address(name: str, *args: int) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
