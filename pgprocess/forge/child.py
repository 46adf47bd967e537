"""What a child of the forge becomes: another program, a Python script, or a management command.

It reads it as JSON from its line: ``environment``, ``command`` (a list of words), and ``how``:

    program   the command replaces this process
    script    the command's first word is a Python script, which runs here; the others are its arguments
    command   the command's first word is a management command

``ending`` is the file for what a script raises (:mod:`pgprocess.forge.bootstrap`).
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import sys
import threading
from contextlib import suppress
from typing import Any, NoReturn

from pgprocess.forge import bootstrap


def become(line: socket.socket) -> NoReturn:
    """Never returns: the process ends as what it became does."""
    with line.makefile("rb") as reader:
        wanted = json.loads(reader.readline())
    os.environ.clear()
    os.environ.update(wanted["environment"])
    command = wanted["command"]
    if wanted["how"] == "program":
        execute(command, line)
    line.close()
    if context := sys.modules.get("pgprocess.context"):
        context.forget()
    leave(code_of(wanted["how"], command, wanted["ending"]))


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

    try:
        execute_from_command_line(["manage.py", *command])
    except SystemExit:
        raise
    except BaseException as error:
        sys.exit(bootstrap.exit_code_of(error, ending))


def leave(code: int) -> NoReturn:
    """The process ends as Python ends, but for the taking apart of all that is loaded, which only costs time."""
    with suppress(BaseException):
        threading._shutdown()  # type: ignore[attr-defined]  # waits for the script's threads
    with suppress(BaseException):
        atexit._run_exitfuncs()
    close_connections()
    for stream in (sys.stdout, sys.stderr):
        with suppress(BaseException):
            stream.flush()
    os._exit(code & 0xFF)


def close_connections() -> None:
    """The databases hear that we go."""
    database: Any = sys.modules.get("django.db")
    with suppress(BaseException):
        if database:
            database.connections.close_all()
