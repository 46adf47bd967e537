"""Stopping a thread's Python code from another thread, and only while it is that code that runs."""

from __future__ import annotations

import ctypes
import threading

from pgprocess.runners.base import Moment


class Interrupted(BaseException):
    """Raised within a callable that shall end, wherever it is; not an Exception, so that few catch it."""


class Interruptible:
    """The code that the present thread runs from here on until :meth:`end`."""

    def __init__(self) -> None:
        self.ended = Moment()
        self._thread = ctypes.c_ulong(threading.get_ident())
        self._lock = threading.Lock()
        self._interrupted = False

    def interrupt(self) -> None:
        """The code meets :class:`Interrupted` when it next runs Python, but once, and not after its end."""
        with self._lock:
            if not (self.ended.is_set() or self._interrupted):
                self._interrupted = True
                ctypes.pythonapi.PyThreadState_SetAsyncExc(self._thread, ctypes.py_object(Interrupted))

    def end(self) -> None:
        """Nothing will interrupt this thread any more. One that is on its way may still come out of here."""
        with self._lock:
            self.ended.happen()
        _receive_interrupt()


def _receive_interrupt() -> None:
    """An exception on its way has arrived: Python looks for one whenever it enters a function.

    Taking it back instead (a NULL exception) would leave CPython looking for one for ever after, which is slow,
    and never ends under a profiler on 3.11.
    """
