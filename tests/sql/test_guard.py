"""The database refuses what statuses.TRANSITIONS does not list: every pair of statuses is tried."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from pgprocess.statuses import TRANSITIONS, Status

PATHS = {
    Status.AWAITING: [],
    Status.READY: ["ready"],
    Status.SCHEDULED: ["scheduled"],
    Status.RUNNING: ["ready", "running"],
    Status.SUCCEEDED: ["ready", "running", "succeeded"],
    Status.FORCED: ["forced"],
    Status.FAILED: ["ready", "running", "failed"],
    Status.UPSTREAM_FAILED: ["upstream_failed"],
    Status.SKIPPED: ["skipped"],
    Status.CANCELLED: ["cancelled"],
}


@pytest.mark.parametrize("present", Status)
@pytest.mark.parametrize("wanted", Status)
def test_the_database_and_python_agree_on_every_pair(a_job, present, wanted):
    run = a_job("above -> a")
    run.set("a", *PATHS[present])
    if present == wanted:
        run.set("a", wanted)
    elif wanted in TRANSITIONS[present]:
        run.set("a", wanted)
        # Sent back below a parent that is still open it waits; anything else is as wanted.
        assert run.get("a") == wanted
    else:
        with (
            pytest.raises(IntegrityError, match=f"can't go from {present} to {wanted}"),
            transaction.atomic(),
        ):
            run.set("a", wanted)
        assert run.get("a") == present


def test_an_unknown_status_is_refused(a_job):
    run = a_job("a")
    with pytest.raises(IntegrityError, match="can't go from ready to finished"):
        run.set("a", "finished")
