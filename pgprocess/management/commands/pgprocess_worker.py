"""``manage.py pgprocess_worker``: run tasks. Many of them, anywhere."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from pgprocess.management.options import (
    add_common_options,
    add_worker_options,
    leave,
    log_to_stderr,
    prepare_process,
    worker_options,
)
from pgprocess.management.reload import Reloader, begin_anew
from pgprocess.worker.worker import Worker


class Command(BaseCommand):
    """Runs tasks until it is told to stop: once politely, twice at once."""

    help = "Run tasks. Start as many workers as you like, anywhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The worker's options."""
        add_worker_options(parser)
        add_common_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until stopped."""
        log_to_stderr(options)
        worker = Worker(worker_options(options))
        prepare_process()
        worker.stop_on_signals()
        reloader = Reloader(worker)
        if options["reload"]:
            reloader.start()
        worker.run()
        if reloader.changed:
            begin_anew()
        leave()
