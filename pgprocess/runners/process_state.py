"""The state of the process that callables share: taken before them, and put back after them.

Callables share their process, and run side by side in it. What silences others is put back after each: logging that
was disabled, handlers that were taken away. The rest is put back once no callable runs any more, for one that still
runs may need what it set: environment, working folder, umask, locale, filters of warnings, handlers that were added.
What the import of a task's module changes stays, for a module is imported only once.
"""

from __future__ import annotations

import ctypes
import locale
import logging
import os
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

_environment: dict[Any, Any] = os.environ._data  # type: ignore[attr-defined]  # noqa: SLF001  decoding takes long
_all_handlers: list[Any] = logging._handlerList  # type: ignore[attr-defined]  # noqa: SLF001  has no public name
_locale = locale.setlocale


class _Snapshot:
    """The process as it was before callables ran in it."""

    __slots__ = ("disabled", "environment", "filters", "folder", "handlers", "known", "level", "locale")

    def __init__(self) -> None:
        self.environment = _environment.copy()
        self.folder = _folder()
        self.locale = _locale(locale.LC_ALL)
        self.filters = warnings.filters[:]
        root = logging.root
        self.disabled = root.manager.disable
        self.level = root.level
        self.handlers = root.handlers[:]
        self.known = len(_all_handlers)

    def adopt(self, before: _Snapshot, after: _Snapshot) -> None:
        """Take over what has changed between the two."""
        for name in ("folder", "locale", "filters", "disabled", "level", "handlers", "known"):
            if getattr(before, name) != getattr(after, name):
                setattr(self, name, getattr(after, name))
        for key in before.environment.keys() | after.environment.keys():
            if before.environment.get(key) != after.environment.get(key):
                self.environment.pop(key, None)
                if key in after.environment:
                    self.environment[key] = after.environment[key]

    def let_others_be_heard(self) -> None:
        """Put back what would keep the records of others from their handlers."""
        root = logging.root
        if root.manager.disable != self.disabled:
            logging.disable(self.disabled)
        if root.level != self.level:
            root.setLevel(self.level)
        if root.handlers != self.handlers:
            for handler in self.handlers:
                root.addHandler(handler)  # which does nothing if it is there
        if len(_all_handlers) < self.known:  # a configuration that has also disabled the loggers that there were
            for logger in list(root.manager.loggerDict.values()):
                if isinstance(logger, logging.Logger):
                    logger.disabled = False
            self.known = len(_all_handlers)

    def put_back(self) -> None:
        """Put back everything else."""
        if logging.root.handlers != self.handlers:
            for handler in [each for each in logging.root.handlers if each not in self.handlers]:
                logging.root.removeHandler(handler)
        if _environment != self.environment:
            _put_back_environment(self.environment)
        if _folder() != self.folder:
            with suppress(OSError):  # the folder may be gone
                os.chdir(self.folder)
        if _locale(locale.LC_ALL) != self.locale:
            with suppress(locale.Error):
                locale.setlocale(locale.LC_ALL, self.locale)
        if warnings.filters != self.filters:
            warnings.resetwarnings()
            warnings.filters[:] = self.filters  # type: ignore[index]
        os.umask(UMASK)


class _ShortLock:
    """A lock that is held for some microseconds of Python.

    A thread that sleeps for a usual lock gets it while it still waits for the interpreter, so that whoever runs then
    has to sleep, too: with twenty threads half of them did, which cost more than all that is done under the lock.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        while not self._lock.acquire(blocking=False):
            time.sleep(0)

    def __exit__(self, *error: object) -> None:
        self._lock.release()


class ProcessState:
    """Puts the process back after callables; ``with`` it each one runs. Thread-safe."""

    def __init__(self) -> None:
        self._lock = _ShortLock()
        self._running = 0
        self._before: _Snapshot | None = None

    def __enter__(self) -> None:
        with self._lock:
            if not self._running:
                self._before = _Snapshot()
            self._running += 1

    @contextmanager
    def importing(self) -> Iterator[None]:
        """Keep for good what the block changes."""
        with self._lock:
            before = _Snapshot()
        try:
            yield
        finally:
            with self._lock:
                if self._running and self._before:
                    self._before.adopt(before, _Snapshot())

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._running -= 1
            if self._before:
                self._before.let_others_be_heard()
                if not self._running:
                    self._before.put_back()


def _umask() -> int:
    umask = os.umask(0o77)
    os.umask(umask)
    return umask


UMASK = _umask()
"""The umask with which the process began: to ask for it is to set it, which others could notice."""

process_state = ProcessState()


_libc = ctypes.PyDLL(None)
_libc.getcwd.restype = ctypes.c_void_p
_path = ctypes.create_string_buffer(4096)


def _folder() -> bytes:
    """Return the working folder, empty if it is gone. Thread: for one at a time.

    ``os.getcwd`` lets other threads run meanwhile, and with twenty of them waits longer for its turn than a task takes.
    """
    return _path.value if _libc.getcwd(_path, 4096) else b""


def _put_back_environment(before: dict[Any, Any]) -> None:
    decode = os.environ.decodevalue
    for name in _environment.keys() - before.keys():
        os.environ.pop(decode(name), None)
    for name, value in before.items():
        if _environment.get(name) != value:
            os.environ[decode(name)] = decode(value)
