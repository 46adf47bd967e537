"""``manage.py pgprocess_cron``: turn schedules into jobs."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from pgprocess.management.base import LastingCommand
from pgprocess.management.options import a_cron, add_common_options, log_to_stderr


class Command(LastingCommand):
    help = "Create the jobs of every schedule. Several of them are as good as one, and safer."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_common_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Make jobs until a signal stops the cron."""
        log_to_stderr(options)
        cron = a_cron(options)
        cron.stop_on_signals()
        cron.run()
        if cron.exit_code:
            sys.exit(cron.exit_code)
