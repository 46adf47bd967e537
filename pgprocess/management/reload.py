"""``--reload``: when code on disk has changed, let the running tasks end, then restart as the same process."""

from __future__ import annotations

import logging
import os
import sys
import threading
from pathlib import Path
from typing import NoReturn

from django.utils.autoreload import iter_all_python_module_files

from pgprocess.service import Service

logger = logging.getLogger("pgprocess")


class Reloader(threading.Thread):
    """A thread that looks at the files of all imported modules every second, and stops the service when one changed."""

    EVERY = 1.0

    def __init__(self, service: Service) -> None:
        super().__init__(name="pgprocess-reload", daemon=True)
        self.service = service
        self.changed: Path | None = None
        self.known: dict[Path, float] = {}

    def run(self) -> None:
        """Look until a file has changed, or the service is stopped otherwise."""
        while not self.service.stopping:
            self.changed = self.changed_file()
            if self.changed:
                logger.info("%s has changed; starting anew.", self.changed.name)
                self.service.stop()
                return
            threading.Event().wait(self.EVERY)

    def changed_file(self) -> Path | None:
        """Return a file that was written since it was first seen, if there is one."""
        for file in iter_all_python_module_files():
            try:
                written = file.stat().st_mtime
            except OSError:
                continue
            if self.known.setdefault(file, written) != written:
                return Path(file)
        return None


def restart() -> NoReturn:
    """Replace this process by a new one with the same arguments, and the code as it is now."""
    logging.shutdown()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  the command itself
