"""The statuses of a JobTask and of a Job, and which may follow which.

    awaiting ──▶ ready ──▶ running ──▶ succeeded
       │           ▲  ▲       │  ├───▶ failed ──▶ forced, skipped
       │           │  │       │  ├───▶ skipped
       │   scheduled  └───────┤  └───▶ cancelled ──▶ forced, skipped
       │       ▲   (released) │
       │       └──────────────┘ (retry)
       └──▶ upstream_failed, skipped, forced, cancelled

Every settled status may go back to ready (retry, reopen) or awaiting (a reopen above it).
The database's rule ``pgprocess_transition_allowed`` refuses everything else; a test holds the two equal.
"""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

__all__ = ["FAILING", "OK", "SETTLED", "TRANSITIONS", "UNSETTLED", "JobStatus", "Status"]


class Status(TextChoices):
    """The status of a JobTask."""

    AWAITING = "awaiting", _("awaiting")
    SCHEDULED = "scheduled", _("scheduled")
    READY = "ready", _("ready")
    RUNNING = "running", _("running")
    SUCCEEDED = "succeeded", _("succeeded")
    FORCED = "forced", _("forced")
    FAILED = "failed", _("failed")
    UPSTREAM_FAILED = "upstream_failed", _("upstream failed")
    SKIPPED = "skipped", _("skipped")
    CANCELLED = "cancelled", _("cancelled")


OK = frozenset({Status.SUCCEEDED, Status.FORCED})
FAILING = frozenset({Status.FAILED, Status.UPSTREAM_FAILED, Status.CANCELLED})
SETTLED = OK | FAILING | {Status.SKIPPED}
UNSETTLED = frozenset(Status) - SETTLED

_BACK = frozenset({Status.READY, Status.AWAITING})

TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.AWAITING: frozenset(
        {
            Status.READY,
            Status.SCHEDULED,
            Status.SKIPPED,
            Status.UPSTREAM_FAILED,
            Status.FORCED,
            Status.CANCELLED,
        }
    ),
    Status.SCHEDULED: frozenset({Status.READY, Status.FORCED, Status.SKIPPED, Status.CANCELLED}),
    Status.READY: frozenset({Status.RUNNING, Status.FORCED, Status.SKIPPED, Status.CANCELLED}),
    Status.RUNNING: frozenset(
        {
            Status.SUCCEEDED,
            Status.FAILED,
            Status.SKIPPED,
            Status.CANCELLED,
            Status.SCHEDULED,
            Status.READY,
        }
    ),
    Status.SUCCEEDED: _BACK,
    Status.FORCED: _BACK,
    Status.SKIPPED: _BACK,
    Status.FAILED: _BACK | {Status.FORCED, Status.SKIPPED},
    Status.UPSTREAM_FAILED: _BACK | {Status.FORCED, Status.SKIPPED},
    Status.CANCELLED: _BACK | {Status.FORCED, Status.SKIPPED},
}


class JobStatus(TextChoices):
    """The status of a Job; it is over in all but running."""

    RUNNING = "running", _("running")
    SUCCEEDED = "succeeded", _("succeeded")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")
    SKIPPED = "skipped", _("skipped")
