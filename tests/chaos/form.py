"""How long and how hard: the short form for every day, the long one with the times that users have."""

from __future__ import annotations

import os
from dataclasses import dataclass

from pgprocess.conf import LEASE


@dataclass(frozen=True, slots=True)
class Form:
    """``rounds``: how often a fault strikes; ``jobs`` are fed at most, one each ``pace`` seconds; times are seconds.

    ``patience``: how long we look again and again before we call something stuck. No test is decided by less.
    """

    name: str
    lease: float
    grace: float
    poll_interval: float
    rounds: int
    jobs: int
    pace: float
    patience: float

    @property
    def environment(self) -> dict[str, str]:
        """As the processes of the fleet read it."""
        return {
            "CHAOS_LEASE": str(self.lease),
            "CHAOS_GRACE": str(self.grace),
            "CHAOS_POLL_INTERVAL": str(self.poll_interval),
        }


SHORT = Form("short", lease=8.0, grace=1.0, poll_interval=2.0, rounds=1, jobs=300, pace=0.4, patience=90.0)
LONG = Form("long", lease=LEASE, grace=5.0, poll_interval=5.0, rounds=2, jobs=4000, pace=0.3, patience=300.0)

FORM = LONG if os.environ.get("CHAOS") == "long" else SHORT
