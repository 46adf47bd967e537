"""Check whether Python code can be compiled, without running any of it."""

from __future__ import annotations

import warnings


def syntax_error(code: str) -> tuple[str, int]:
    """Return what is wrong with ``code``, and in which line from 1 (0: in none); ``("", 0)`` if it compiles.

    The Python is that of this process, as for a task without an interpreter of its own.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a bad escape is a matter of taste, not an error
            compile(code, "<code>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return _message(error, code)
    except (RecursionError, MemoryError, OverflowError):
        return "it is nested too deeply for Python.", 0
    except ValueError as error:
        return f"{error}.", 0
    return "", 0


def _message(error: SyntaxError, code: str) -> tuple[str, int]:
    line = error.lineno or 0
    lines = code.splitlines()
    text = lines[line - 1].strip() if 0 < line <= len(lines) else ""
    shown = f": {text if len(text) <= 80 else text[:79] + '…'}" if text else "."
    return f"{error.msg}{shown}", line
