"""``manage.py pgprocess_worker``: run tasks."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from pgprocess.management.base import WorkingCommand
from pgprocess.management.options import (
    add_common_options,
    add_worker_options,
    log_to_stderr,
    prepare_process,
    worker_options,
)
from pgprocess.management.reload import Reloader, restart
from pgprocess.worker.worker import Worker


class Command(WorkingCommand):
    help = "Run tasks. Start as many workers as you like, anywhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_worker_options(parser)
        add_common_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run tasks until a signal stops the worker: the first lets running tasks end, the second does not."""
        log_to_stderr(options)
        worker = Worker(worker_options(options))
        prepare_process(options["concurrency"])
        worker.stop_on_signals()
        reloader = Reloader(worker)
        if options["reload"]:
            reloader.start()
        worker.run()
        if reloader.changed:
            restart()
        self.exit_code = worker.exit_code
