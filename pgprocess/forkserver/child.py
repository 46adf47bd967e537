"""What a child of the fork server becomes: another program, a Python script, or a management command.

It reads it as JSON from a file: ``environment``, ``command`` (a list of words), and ``how``:

    program   the command replaces this process
    script    the command's first word is a Python script, which runs here; the others are its arguments
    command   the command's first word is a management command

``ending`` is the file for what a script raises (:mod:`pgprocess.forkserver.bootstrap`).
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
    """Never returns: the process ends as what it became does."""
    with open(file, "rb") as reader:
        wanted = json.load(reader)
    os.environ.clear()
    os.environ.update(wanted["environment"])
    command = wanted["command"]
    if wanted["how"] == "program":
        execute(command, line)
    line.close()
    start_anew()
    leave(code_of(wanted["how"], command, wanted["ending"]))


def start_anew() -> None:
    """What is loaded already neither thinks of another run nor gives every run the same chance."""
    if context := sys.modules.get("pgprocess.context"):
        context.forget()
    if numpy := sys.modules.get("numpy.random"):  # Python's own random does this by itself
        numpy.seed()


def execute(command: list[str], line: socket.socket) -> NoReturn:
    """The process is another program; if there is none of that name, the line says so."""
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # which Python ignores, and few others expect to be ignored
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(command[0], command)  # noqa: S606  the interpreter that the task names, without a shell
    except OSError as error:
        line.send(f"failed {error.errno}\n".encode())
        os._exit(127)


def code_of(how: str, command: list[str], ending: str) -> int:
    """The exit code of what has run, as the interpreter itself would give it."""
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
    """The management command has run, as from manage.py."""
    from django.core.management import execute_from_command_line

    sys.argv = ["manage.py", *command]
    try:
        execute_from_command_line(sys.argv)
    except SystemExit:
        raise
    except BaseException as error:
        sys.exit(bootstrap.exit_code_of(error, ending))


def leave(code: int) -> NoReturn:
    """The process ends as Python ends, but does not take apart all that is loaded: that takes 30 ms."""
    with suppress(BaseException):
        threading._shutdown()  # type: ignore[attr-defined]  # waits for the script's threads
    with suppress(BaseException):
        atexit._run_exitfuncs()
    with suppress(BaseException):
        let_go()
    close_connections()
    for stream in (sys.stdout, sys.stderr):
        with suppress(BaseException):
            stream.flush()
    os._exit(code & 0xFF)


def let_go() -> None:
    """Files that the script left open are written; what it held is gone, with what its ``__del__`` does.

    Only what is newer than the fork is looked at: the rest is frozen. Files come first, since the collector may
    close one before what is buffered for it is written.
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
    """The databases hear that we go."""
    database: Any = sys.modules.get("django.db")
    with suppress(BaseException):
        if database:
            database.connections.close_all()
