"""Commands that last: they start without a database, and end in bounded time, whatever the tasks left behind."""

from __future__ import annotations

import logging
import multiprocessing
import os
import sys
import threading
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pgprocess.checks import check_settings

LINGER = 3.0
"""Seconds that Python has to end the process, with all that its libraries do at exit, before it is ended for good."""


class LastingCommand(BaseCommand):
    """A command that starts whether or not the database is there: its own loop waits for the database."""

    def get_check_kwargs(self, options: dict[str, Any]) -> Any:
        """Check the code alone: from Django 6.1 on, the checks of some fields ask every database."""
        checked: Any = super().get_check_kwargs(options)  # django-stubs knows its tags only
        return checked | {"databases": []}

    def execute(self, *args: Any, **options: Any) -> Any:
        """Run the command; settings that can't be are sentences here too, where no system check was made."""
        if wrong := check_settings():
            raise CommandError(" ".join(message.msg for message in wrong))
        return super().execute(*args, **options)


class WorkingCommand(LastingCommand):
    """A command whose process runs tasks; ``exit_code`` is set by its ``handle``."""

    exit_code = 0

    def run_from_argv(self, argv: list[str]) -> None:
        """Run as the program of this process, and end the process. Not so where other code calls the command."""
        super().run_from_argv(argv)
        threading.Thread(target=_end_for_good, args=[self.exit_code], name="pgprocess-ending", daemon=True).start()
        sys.exit(self.exit_code)


def _end_for_good(code: int) -> None:
    """End the process if it is still there after a while.

    Python waits for ever for threads that are no daemons, for executors and for the children of multiprocessing.
    """
    time.sleep(LINGER)
    left = [
        thread.name for thread in threading.enumerate() if not thread.daemon and thread is not threading.main_thread()
    ]
    for child in multiprocessing.active_children():
        left.append(child.name)
        child.kill()
    logging.getLogger("pgprocess").warning("Tasks left behind what does not end: %s.", ", ".join(left) or "unknown")
    logging.shutdown()
    os._exit(code)
