"""``manage.py run_jobs``: a worker and a cron in one process, as django-process had it."""

from __future__ import annotations

import threading
from argparse import ArgumentParser
from typing import Any

from pgprocess.management.base import WorkingCommand
from pgprocess.management.options import (
    a_cron,
    add_common_options,
    add_worker_options,
    log_to_stderr,
    prepare_process,
    worker_options,
)
from pgprocess.management.reload import Reloader, restart
from pgprocess.worker.worker import Worker


class Command(WorkingCommand):
    help = "Run schedules and tasks in one process: pgprocess_cron and pgprocess_worker together."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_worker_options(parser)
        add_common_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the worker here and the cron in a thread; stop the cron when the worker has stopped."""
        log_to_stderr(options)
        worker, cron = Worker(worker_options(options)), a_cron(options)
        prepare_process(options["concurrency"])
        worker.stop_on_signals()
        reloader = Reloader(worker)
        if options["reload"]:
            reloader.start()

        def tick() -> None:
            cron.run()
            if cron.exit_code:  # without its cron, the process only seems to live
                worker.stop()

        ticking = threading.Thread(target=tick, name="pgprocess-cron", daemon=True)
        ticking.start()
        try:
            worker.run()
        finally:
            cron.stop()
            ticking.join(timeout=10)
        if reloader.changed:
            restart()
        self.exit_code = worker.exit_code or cron.exit_code
