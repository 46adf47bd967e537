"""A child of the fork server becomes another program, a Python script, or a management command.

What to become stands in a file, as JSON: ``environment``, ``command`` (a list of words), and ``how``:

    program   the command replaces this process
    script    the command's first word is a Python script, which runs here; the others are its arguments
    command   the command's first word is a management command

``ending`` is the file for what a script raises (:mod:`pgprocess.forkserver.bootstrap`). ``line`` is the socket to the
worker, on which nothing more is said once the program runs.
"""

from __future__ import annotations

import atexit
import gc
import io
import json
import os
import signal
import socket
import sys
import threading
from contextlib import suppress
from typing import Any, NoReturn

from pgprocess.forkserver import bootstrap


def become(line: socket.socket, file: int) -> NoReturn:
    """Become what ``file`` says, and end as that ends. Never returns."""
    with open(file, "rb") as reader:
        wanted = json.load(reader)
    os.environ.clear()
    os.environ.update(wanted["environment"])
    command = wanted["command"]
    if wanted["how"] == "program":
        replace_process(command, line)
    line.close()
    forget_the_server()
    leave(code_of(wanted["how"], command, wanted["ending"]))


def forget_the_server() -> None:
    """Reset what every child of the server would share otherwise: the current run, and the state of random numbers."""
    if context := sys.modules.get("pgprocess.context"):
        context.forget()
    if numpy := sys.modules.get("numpy.random"):  # Python's own random module does this by itself after a fork
        numpy.seed()


def replace_process(command: list[str], line: socket.socket) -> NoReturn:
    """Replace this process by another program; if there is none of that name, tell the worker on ``line`` and exit."""
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them; few other programs expect that
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(command[0], command)  # noqa: S606  the interpreter that the task names, without a shell
    except OSError as error:
        line.send(f"failed {error.errno}\n".encode())
        os._exit(127)


def code_of(how: str, command: list[str], ending: str) -> int:
    """Run the script or management command; return its exit code, as the interpreter itself would give it."""
    try:
        if how == "script":
            sys.argv = command
            bootstrap.run(command[0], ending)
        else:
            run_command(command, ending)
    except SystemExit as stop:
        if stop.code is None or isinstance(stop.code, int):
            return stop.code or 0
        sys.stderr.write(f"{stop.code}\n")
        return 1
    return 0


def run_command(command: list[str], ending: str) -> None:
    """Run the management command as manage.py would. Raises SystemExit with its exit code, if that is not 0."""
    from django.core.management import execute_from_command_line

    sys.argv = ["manage.py", *command]
    try:
        execute_from_command_line(sys.argv)
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001  a command may end in any way; this is its outermost frame
        sys.exit(bootstrap.exit_code_of(error, ending))


def leave(code: int) -> NoReturn:
    """End the process as Python ends it, but leave out the teardown of all loaded modules, which takes 30 ms.

    A script of a few lines would wait longer for that teardown than for its own work. So the process ends by
    ``os._exit``, and what Python does beside the teardown is done here: wait for threads, run the functions of
    atexit, collect garbage, flush the streams. Python offers no public name for the first two:
    ``threading._shutdown`` and ``atexit._run_exitfuncs`` are what it calls itself. An error in one step must not keep
    the next from being done.
    """
    with suppress(BaseException):
        threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001  there is no public name
    with suppress(BaseException):
        atexit._run_exitfuncs()  # noqa: SLF001  there is no public name
    with suppress(BaseException):
        flush_and_release()
    close_connections()
    for stream in (sys.stdout, sys.stderr):
        with suppress(BaseException):
            stream.flush()
    os._exit(code & 0xFF)


def flush_and_release() -> None:
    """Write the files that the script left open, then drop its variables, so that every ``__del__`` runs.

    ``gc.get_objects`` gives only what was made after the fork, since the server has frozen everything older: that
    is quick. Files come first, for the collector may close a file before its buffer is written; text files come before
    the others, for they write into them.
    """
    base = io.IOBase.__mro__[1]
    files = [thing for thing in gc.get_objects() if base in type(thing).__mro__]
    for file in sorted(files, key=lambda file: not issubclass(type(file), io.TextIOWrapper)):
        with suppress(BaseException):
            file.flush()
    sys.modules.pop("__main__", None)
    del files
    gc.collect()


def close_connections() -> None:
    """Close the connections of Django, so that the databases need not find out by themselves."""
    database: Any = sys.modules.get("django.db")
    with suppress(BaseException):
        if database:
            database.connections.close_all()
