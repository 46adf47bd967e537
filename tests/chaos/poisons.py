"""Poisons: tasks that end, hang, print, leave and kill in every way that a task can, and clients that are in the way.

None of them may harm what runs beside it. A poison is a task of a process of its own, with the statuses in which it may
end, or a client, which does its worst for some seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import io
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
from django.db import connection, transaction

from pgprocess import Context, task

Columns = dict[str, Any]
Statuses = tuple[str, ...]

CALLABLES: dict[str, tuple[str, Statuses, Columns]] = {}
FOREVER = 600


def poison(*statuses: str, **columns: Any) -> Callable[[Callable[..., Any]], Any]:
    """Make the function a poison that ends in one of these statuses; ``columns`` are those of its task."""

    def register(function: Callable[..., Any]) -> Any:
        registered = task(function)
        CALLABLES[function.__name__] = (registered.name, statuses, columns)
        return registered

    return register


# How a callable may end


@poison("failed")
def kills_its_worker() -> None:
    """SIGKILL, as of the kernel that is out of memory."""
    os.kill(os.getpid(), signal.SIGKILL)


@poison("failed")
def leaves_without_a_word() -> None:
    """No finally, no atexit."""
    os._exit(3)


@poison("failed")
def reads_what_is_not_there() -> None:
    """A segmentation fault, as of a library in C."""
    ctypes.string_at(0)


@poison("failed", "succeeded")
def tells_its_worker_to_stop() -> None:
    """SIGTERM to its own process."""
    os.kill(os.getpid(), signal.SIGTERM)


@poison("failed")
def exits() -> None:
    sys.exit(0)


@poison("failed")
def interrupts() -> None:
    raise KeyboardInterrupt


class Unspeakable(Exception):
    """An exception that can't even be shown."""

    def __str__(self) -> str:
        raise ValueError("no words")

    __repr__ = __str__


@poison("failed")
def raises_what_can_not_be_shown() -> None:
    raise Unspeakable


@poison("failed")
def recurses() -> None:
    recurses.function()


@poison("failed")
def returns_what_is_no_json() -> Any:
    return {1: object(), "surrogate": "\ud800"}


@poison("failed", "succeeded")
def returns_what_postgres_can_not_hold() -> Any:
    return ["\0", float("nan"), 10**5000, "\udfff"]


@poison("failed")
def returns_too_much() -> str:
    return "x" * 20_000_000


# How a callable may hang


@poison("failed", timeout=0.5)
def refuses_to_end() -> None:
    """Meets whatever is to end it, and goes on, for longer than anybody waits."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with contextlib.suppress(BaseException):
            time.sleep(0.1)


@poison("failed", timeout=0.5)
def hangs_in_c() -> None:
    """Nothing raises in a thread that is in C code."""
    libc = ctypes.CDLL(None)
    libc.sleep(20)


@poison("failed", timeout=0.5)
async def never_cancels() -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with contextlib.suppress(BaseException):
            await asyncio.sleep(0.1)


@poison("succeeded")
async def keeps_the_loop() -> None:
    time.sleep(5)


@poison("failed", "succeeded")
async def ends_the_loop() -> None:
    asyncio.get_running_loop().call_soon(sys.exit)
    await asyncio.sleep(0.1)
    asyncio.get_running_loop().stop()
    await asyncio.sleep(0.1)


# What a callable may print and leave


@poison("succeeded")
def prints_and_prints() -> None:
    for number in range(300_000):
        print("line", number)


@poison("succeeded")
def prints_one_long_line() -> None:
    for _ in range(50):
        print("x" * 1_000_000, end="")


@poison("succeeded", "failed")
def prints_what_is_no_text() -> None:
    print("\0\ud800\x1b[2J", flush=True)
    with contextlib.suppress(AttributeError, io.UnsupportedOperation):
        sys.stdout.buffer.write(b"\xff\xfe\x00")


@poison("succeeded")
def leaves_a_thread() -> None:
    threading.Thread(target=time.sleep, args=[FOREVER]).start()


@poison("succeeded")
def leaves_a_timer() -> None:
    threading.Timer(FOREVER, print).start()


@poison("succeeded")
def leaves_a_busy_executor() -> None:
    ThreadPoolExecutor(1).submit(time.sleep, FOREVER)


@poison("succeeded", "failed")
def leaves_a_child() -> None:
    multiprocessing.Process(target=time.sleep, args=[3]).start()


@poison("succeeded")
async def leaves_a_side_task() -> None:
    asyncio.create_task(asyncio.sleep(FOREVER))  # noqa: RUF006  that is the poison


@poison("succeeded", "failed")
def leaves_streams_elsewhere() -> None:
    sys.stdout = io.StringIO()
    contextlib.redirect_stderr(io.StringIO()).__enter__()


@poison("succeeded", "failed")
def leaves_a_transaction() -> None:
    transaction.atomic().__enter__()
    connection.cursor().execute("SELECT pg_advisory_lock(4711)")


@poison("succeeded", "failed")
def leaves_a_session_in_disorder() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SET search_path = pg_catalog; SET statement_timeout = 1; SET default_transaction_read_only = on"
        )


@poison("failed", timeout=2)
def locks_the_table() -> None:
    """Nobody can claim or report while this lasts."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE pgprocess_jobtask IN ACCESS EXCLUSIVE MODE")
        time.sleep(FOREVER)


@poison("succeeded")
def forgets_its_context(context: Context) -> None:
    context.params.clear()
    os.chdir("/")


SHELL: dict[str, tuple[str, Statuses, Columns]] = {
    "ignores TERM": ("trap '' TERM; sleep 600 & wait; sleep 600", ("failed",), {"timeout": 0.5}),
    "a session of its own": ("setsid sleep 600 & sleep 600", ("failed",), {"timeout": 0.5}),
    "a group of its own": ("timeout 600 sleep 600", ("failed",), {"timeout": 0.5}),
    "kills its parent": ("kill -9 $PPID; sleep 1", ("failed", "succeeded"), {}),
    "stops itself": ("kill -STOP $$", ("failed",), {"timeout": 0.5}),
    "prints and prints": ("yes | head -c 30000000", ("succeeded",), {}),
    "one long line": ("head -c 30000000 /dev/zero | tr '\\0' x", ("succeeded",), {}),
    "no text": ("head -c 1000000 /dev/urandom", ("succeeded",), {}),
    "closes its output": ("exec >&- 2>&-; sleep 0.2", ("succeeded",), {}),
    "leaves its output open": ("sleep 600 & exit 0", ("succeeded", "failed"), {}),
    "no result": ('echo "{" >"$PGPROCESS_RESULT"', ("failed",), {}),
    "too much of a result": ('head -c 2000000 /dev/zero >"$PGPROCESS_RESULT"', ("failed",), {}),
    "a result that never ends": ('rm "$PGPROCESS_RESULT"; mkfifo "$PGPROCESS_RESULT"', ("failed", "succeeded"), {}),
    "a folder for a result": ('rm -f "$PGPROCESS_RESULT"; mkdir "$PGPROCESS_RESULT"', ("failed", "succeeded"), {}),
    "a bomb of forks": ("for n in $(seq 60); do sleep 600 & done; wait", ("failed",), {"timeout": 1}),
}
DAEMONIZES = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(600)
    os._exit(0)
time.sleep(600)
"""
PYTHON: dict[str, tuple[str, Statuses, Columns]] = {
    "kills the fork server": ("import os, signal; os.kill(os.getppid(), signal.SIGKILL)", ("failed", "succeeded"), {}),
    "leaves without a word": ("import os; os._exit(7)", ("failed",), {}),
    "no Python": ("def :", ("failed",), {}),
    "daemonizes": (DAEMONIZES, ("failed",), {"timeout": 0.5}),
}
SQL: dict[str, tuple[str, Statuses, Columns]] = {
    "too much of an answer": ("SELECT generate_series(1, 3000000)", ("failed", "succeeded"), {}),
    "ends its own session": ("SELECT pg_terminate_backend(pg_backend_pid())", ("failed",), {}),
    "sleeps": ("SELECT pg_sleep(600)", ("failed",), {"timeout": 0.5}),
    "no SQL": ("SELEC 1", ("failed",), {}),
    "commits": ("BEGIN; SELECT 1; COMMIT; SELECT 1/0", ("failed",), {}),
    "a number that Python can't read": (
        "SELECT '1e5000'::numeric, 'infinity'::timestamptz",
        ("failed", "succeeded"),
        {},
    ),
    "NOTIFY without end": (
        "SELECT pg_notify('pgprocess', n::text) FROM generate_series(1, 20000) n",
        ("succeeded",),
        {},
    ),
    "locks the table": (
        "LOCK TABLE pgprocess_job IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(600)",
        ("failed",),
        {"timeout": 2},
    ),
}


def tasks() -> dict[str, tuple[Columns, Statuses]]:
    """Return the columns of every poison's task, and the statuses in which it may end, by its name."""
    found: dict[str, tuple[Columns, Statuses]] = {}
    for name, (target, statuses, columns) in CALLABLES.items():
        found[name] = ({"kind": "callable", "code": "", "target": target} | columns, statuses)
    for kind, poisons in (("shell", SHELL), ("python", PYTHON), ("sql", SQL)):
        for name, (code, statuses, columns) in poisons.items():
            found[f"{kind}: {name}"] = ({"kind": kind, "code": code} | columns, statuses)
    return found


DEPTH = 2000 if sys.version_info < (3, 13) else 12_000
PARAMS = {
    "params: a huge power": '{"n": 1e5000}',
    "params: too many digits": f'{{"n": {"9" * 5000}}}',
    "params: too deep": f'{{"n": {"[" * DEPTH}{"]" * DEPTH}}}',
}
"""Params of a job that Python can't read."""

Client = Callable[["psycopg.Connection[Any]", float], None]


def _holds(statement: str) -> Client:
    """Return a client that executes the statement in a transaction, and leaves that open for so many seconds."""

    def hold(client: psycopg.Connection[Any], seconds: float) -> None:
        with client.transaction(force_rollback=True):
            client.execute(statement)
            time.sleep(seconds)

    return hold


def _floods(statement: str) -> Client:
    """Return a client that executes the statement again and again for so many seconds."""

    def flood(client: psycopg.Connection[Any], seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            client.execute(statement)

    return flood


def _sets(setting: str) -> Client:
    """Return a client that sets something for all new sessions, ends the old ones, and takes it back later."""

    def set_it(client: psycopg.Connection[Any], seconds: float) -> None:
        name = setting.split()[0]
        client.execute(f"ALTER DATABASE chaos SET {setting}")
        try:
            client.execute(OTHERS)
            time.sleep(seconds)
        finally:
            client.execute(f"ALTER DATABASE chaos RESET {name}")
            client.execute(OTHERS)

    return set_it


OTHERS = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
 WHERE datname = current_database() AND application_name <> 'chaos'
"""
CLIENTS: dict[str, Client] = {
    "locks every running job": _holds("SELECT FROM pgprocess_job WHERE status = 'running' FOR UPDATE"),
    "locks every task": _holds("SELECT FROM pgprocess_jobtask FOR UPDATE"),
    "locks every process": _holds("SELECT FROM pgprocess_process FOR UPDATE"),
    "locks every worker's row": _holds("SELECT FROM pgprocess_worker FOR UPDATE"),
    "locks the table of jobs": _holds("LOCK TABLE pgprocess_job IN ACCESS EXCLUSIVE MODE"),
    "locks the table of logs": _holds("LOCK TABLE pgprocess_logchunk IN ACCESS EXCLUSIVE MODE"),
    "holds the locks of dead workers": _holds(
        "SELECT pg_advisory_lock(hashtext('pgprocess_worker'), n) FROM generate_series(1, 200) n "
        "WHERE NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = n)"
    ),
    "NOTIFY without end": _floods("SELECT pg_notify(c, 'x') FROM unnest(ARRAY['pgprocess','pgprocess_cancel']) c"),
    "ends sessions": _floods(f"{OTHERS} AND random() < 0.2; SELECT pg_sleep(0.3)"),
    "cancels statements": _floods(
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
        "AND application_name LIKE 'pgprocess%' AND random() < 0.5; SELECT pg_sleep(0.05)"
    ),
    "sets a zone": _sets("TimeZone = 'America/New_York'"),
    "sets a style of dates": _sets("DateStyle = 'German, DMY'"),
    "sets an isolation": _sets("default_transaction_isolation = 'serializable'"),
    "sets a timeout": _sets("statement_timeout = '700ms'"),
    "sets a search path": _sets("search_path = 'public, pg_catalog'"),
}
