"""Pools in ``OPTIONS`` of DATABASES that are smaller than what a worker runs: made large enough in its process.

A pool is sized for requests. With more slots than connections, tasks of a worker would fail with "couldn't get a
connection", since each of its threads wants one of its own.
"""

from __future__ import annotations

import logging
from typing import Any

from django.db import connections  # noqa: TID251  the tasks' connections, not ours

logger = logging.getLogger("pgprocess")

SPARE = 10
"""Connections for threads of tasks that were abandoned, for receivers of signals, and for ``asyncio.to_thread``."""
DEFAULT = 4
"""The connections of a pool for which nothing says how many (``min_size`` of psycopg's ConnectionPool)."""


def widen_pools(slots: int) -> None:
    """Let each pool have as many connections as tasks may want at once; they are made when they are wanted."""
    for alias in connections:
        connection: Any = connections[alias]
        options = connection.settings_dict["OPTIONS"]
        if not (pool := options.get("pool")):
            continue
        given: dict[str, Any] = {} if pool is True else dict(pool)
        size = given.get("max_size") or given.get("min_size", DEFAULT)
        if size < slots + SPARE:
            connection.close_pool()  # one that a check has opened, say
            options["pool"] = {**given, "max_size": slots + SPARE}
            logger.info(
                "The pool of database %r has up to %s connections here instead of %s: %s tasks may run at once.",
                alias, slots + SPARE, size, slots,
            )  # fmt: skip
