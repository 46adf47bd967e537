"""Interrupt the Python code of a thread from another thread, but only while that code runs.

The runner of callables stops sync functions with it.
"""

from __future__ import annotations

import ctypes
import threading

from pgprocess.runners.base import Moment


class Interrupted(BaseException):
    """An interrupt of a callable that shall end, raised wherever it is; not an Exception, so that few catch it."""


class Interruptible:
    """The code that the creating thread runs from now until :meth:`end`."""

    def __init__(self) -> None:
        self.ended = Moment()
        self._thread = ctypes.c_ulong(threading.get_ident())
        self._lock = threading.Lock()
        self._interrupted = False

    def interrupt(self) -> None:
        """Raise :class:`Interrupted` in the code when it next runs Python; at most once, and not after its end.

        Thread: any.
        """
        with self._lock:
            if not (self.ended.is_set() or self._interrupted):
                self._interrupted = True
                ctypes.pythonapi.PyThreadState_SetAsyncExc(self._thread, ctypes.py_object(Interrupted))

    def end(self) -> None:
        """End the code, so that nothing interrupts its thread any more. Thread: that of the code.

        Raises :class:`Interrupted` if an interrupt is on its way.
        """
        with self._lock:
            self.ended.happen()
        _receive_interrupt()


def _receive_interrupt() -> None:
    """Let an exception that is on its way arrive: Python looks for one whenever it enters a function, even this one.

    Taking the exception back instead (a NULL exception) would leave CPython looking for one for ever after, which is
    slow, and never ends under a profiler on 3.11.
    """
