"""Settings of the fleet: those of the test suite, with the times of the form."""

from __future__ import annotations

import os

from tests.settings import *  # noqa: F403

PGPROCESS = {
    "KILL_GRACE": float(os.environ["CHAOS_GRACE"]),
    "POLL_INTERVAL": float(os.environ["CHAOS_POLL_INTERVAL"]),
}
