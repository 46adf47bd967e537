"""What the commands of workers and crons have in common."""

from __future__ import annotations

import logging
import os
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError


def add_worker_options(parser: ArgumentParser) -> None:
    """The options of a worker."""
    parser.add_argument("--queues", default="", help="comma-separated; without it every queue is served")
    parser.add_argument("--concurrency", type=int, default=8, help="how many tasks run at once (default: 8)")
    parser.add_argument(
        "--shutdown-timeout",
        type=float,
        default=30.0,
        metavar="SECONDS",
        help="how long tasks may go on after SIGTERM before they are stopped and given back (default: 30)",
    )
    parser.add_argument("--once", action="store_true", help="work off what is ready or becomes ready, then end")


def add_common_options(parser: ArgumentParser) -> None:
    """The options of everything that runs for long."""
    parser.add_argument("--no-listen", action="store_true", help="poll only, as behind PgBouncer in transaction mode")


def log_to_stderr(verbosity: int) -> None:
    """Log lines are seen, unless the project's LOGGING says where they go."""
    logger = logging.getLogger("pgprocess")
    if not logger.hasHandlers():
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        logger.addHandler(handler)
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.DEBUG if verbosity > 1 else logging.INFO if verbosity else logging.WARNING)


def a_worker(options: dict[str, Any]) -> Any:
    """The worker that these options describe, with the project's settings."""
    if options["concurrency"] < 1:
        raise CommandError("--concurrency is at least 1.")
    from pgprocess.conf import get_settings
    from pgprocess.worker import Worker

    settings = get_settings()
    return Worker(
        alias=settings.DATABASE,
        queues=[name.strip() for name in options["queues"].split(",") if name.strip()],
        concurrency=options["concurrency"],
        shutdown_timeout=options["shutdown_timeout"],
        poll_interval=settings.POLL_INTERVAL,
        result_limit=settings.RESULT_LIMIT,
        log_limit=settings.LOG_LIMIT,
        kill_grace=settings.KILL_GRACE,
        listen=not options["no_listen"],
        once=options["once"],
    )


def a_cron(options: dict[str, Any]) -> Any:
    """The cron that these options describe, with the project's settings."""
    from pgprocess.conf import get_settings
    from pgprocess.cron import Cron

    settings = get_settings()
    return Cron(alias=settings.DATABASE, poll_interval=settings.POLL_INTERVAL, listen=not options["no_listen"])


def leave() -> None:
    """The process may end: at once where the thread of a task that can't be stopped would keep it for ever."""
    threads = [thread for thread in threading.enumerate() if thread.name.startswith("pgprocess-task")]
    for thread in threads:
        thread.join(timeout=0.5)
    if any(thread.is_alive() for thread in threads):
        logging.shutdown()
        os._exit(0)
