"""Options that the commands of workers and crons share, each with an environment variable beside it."""

from __future__ import annotations

import gc
import logging
import os
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterable
from typing import Any

from django.core.management.base import CommandError

from pgprocess.conf import get_settings
from pgprocess.cron.cron import Cron
from pgprocess.logs import capture
from pgprocess.maintenance.retention import retention
from pgprocess.management.durations import seconds
from pgprocess.management.log import FORMATS, formatter
from pgprocess.management.pools import widen_pools
from pgprocess.management.strict import import_modules, refuse_writable
from pgprocess.postgres.connection import Database
from pgprocess.queue.selector import QueueSelector
from pgprocess.runners.permitted import Permitted
from pgprocess.worker.options import WorkerOptions

YES = {"1", "true", "yes", "on"}


def option(parser: ArgumentParser, flag: str, *, help: str, **how: Any) -> None:  # noqa: A002  argparse's own word
    """Add an option whose default is in its environment variable: PGPROCESS_MAX_TASKS for ``--max-tasks``."""
    variable = "PGPROCESS_" + flag.removeprefix("--").replace("-", "_").upper()
    given = os.environ.get(variable, "").strip()
    if how.get("action") == "store_true":
        how["default"] = given.lower() in YES
    elif given:
        how["default"] = given  # argparse reads it as if it stood on the command line
    parser.add_argument(flag, help=f"{help} [{variable}]", **how)


def add_worker_options(parser: ArgumentParser) -> None:
    """Add the options of a worker."""
    option(
        parser,
        "--queues",
        type=names,
        default=(),
        metavar="A,B",
        help="serve these queues only; without it every queue is served",
    )
    option(parser, "--exclude-queues", type=names, default=(), metavar="A,B", help="leave these queues to others")
    option(parser, "--cap", type=caps, default={}, metavar="A=N,B=N", help="of these queues, run only N tasks at once")
    option(parser, "--concurrency", type=positive, default=8, metavar="N", help="run N tasks at once (default: 8)")
    option(
        parser,
        "--shutdown-timeout",
        type=seconds,
        default=30.0,
        metavar="SECONDS",
        help="how long tasks may go on after SIGTERM before they are stopped and given back (default: 30)",
    )
    option(parser, "--max-tasks", type=positive, metavar="N", help="end after N tasks, for a supervisor to start anew")
    option(parser, "--once", action="store_true", help="work off what is ready or becomes ready, then end")
    option(parser, "--reload", action="store_true", help="start anew when code on disk changes; for developing")


def add_common_options(parser: ArgumentParser) -> None:
    """Add the options of everything that runs for long."""
    option(parser, "--no-listen", action="store_true", help="poll only, as behind PgBouncer in transaction mode")
    option(parser, "--log-format", choices=FORMATS, default="text", help="how log lines are written (default: text)")


def names(text: str) -> tuple[str, ...]:
    """Read a list with commas. Without a name in it nobody knows what is meant, so it is refused."""
    found = tuple(name.strip() for name in text.split(",") if name.strip())
    if not found:
        raise ArgumentTypeError(f"{text!r} names no queue: name one, or leave the option out")
    return found


def listed(given: str | Iterable[str]) -> tuple[str, ...]:
    """Return the names of an option; code that calls a command may give them as on a command line."""
    try:
        return names(given) if isinstance(given, str) else tuple(given)
    except ArgumentTypeError as error:
        raise CommandError(f"{error}.") from None


def caps(text: str) -> dict[str, int]:
    """Read a list of queues with numbers."""
    found = {}
    for part in names(text):
        queue, _, number = part.rpartition("=")
        if not queue:
            raise ArgumentTypeError(f"{part!r} is not of the form QUEUE=N")
        found[queue.strip()] = positive(number)
    return found


def positive(text: str) -> int:
    """Read a number from 1 on."""
    if not text.strip().isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)


def log_to_stderr(options: dict[str, Any]) -> None:
    """Write log lines to stderr, unless the project's LOGGING says where they go."""
    logger = logging.getLogger("pgprocess")
    if not logger.hasHandlers():
        handler = logging.StreamHandler()
        handler.setFormatter(formatter(options["log_format"]))
        logger.addHandler(handler)
    if logger.level == logging.NOTSET:
        verbosity = options["verbosity"]
        logger.setLevel(logging.DEBUG if verbosity > 1 else logging.INFO if verbosity else logging.WARNING)


def worker_options(options: dict[str, Any]) -> WorkerOptions:
    """Return what the command line and the project's settings say of a worker."""
    queues, excluded = listed(options["queues"]), listed(options["exclude_queues"])
    if both := set(queues) & set(excluded):
        raise CommandError(f"Queue {min(both)} is in --queues and in --exclude-queues: take it out of one.")
    settings = get_settings()
    if not settings.ALLOW_DB_CODE:
        import_modules(settings.ALLOWED_MODULES or ())
        refuse_writable(settings.SCRIPT_DIRS)
    return WorkerOptions(
        database=database(options),
        selector=QueueSelector(queues, excluded, options["cap"]),
        concurrency=options["concurrency"],
        shutdown_timeout=options["shutdown_timeout"],
        poll_interval=settings.POLL_INTERVAL,
        result_limit=settings.RESULT_LIMIT,
        log_limit=settings.LOG_LIMIT,
        kill_grace=settings.KILL_GRACE,
        max_crashes=settings.MAX_CRASHES,
        script_dirs=settings.SCRIPT_DIRS,
        code_allowed=settings.ALLOW_DB_CODE,
        permitted=Permitted(settings.ALLOWED_COMMANDS, settings.ALLOWED_MODULES),
        once=options["once"],
        max_tasks=options["max_tasks"],
        warm=not options["once"],
    )


def database(options: dict[str, Any]) -> Database:
    """Return how the database is reached, and whether the command listens."""
    settings = get_settings()
    return Database(settings.DATABASE, settings.LISTEN_DATABASE, listen=not options["no_listen"])


def prepare_process(slots: int) -> None:
    """Make this process one that runs tasks: capture what their code prints and logs, and keep what is loaded."""
    capture.install()
    widen_pools(slots)
    # Not to look through it for garbage again and again saved a fifth of a worker's CPU.
    gc.collect()
    gc.freeze()


def a_cron(options: dict[str, Any]) -> Cron:
    """Return the cron that these options describe, with the project's settings."""
    settings = get_settings()
    return Cron(
        database(options),
        poll_interval=settings.POLL_INTERVAL,
        max_crashes=settings.MAX_CRASHES,
        keep=retention(settings.RETENTION),
    )
