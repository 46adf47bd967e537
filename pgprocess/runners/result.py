"""A task's result on its way from a runner into an Outcome: JSON that Postgres takes as well, and not too much."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn

from pgprocess.exceptions import ResultError

_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


class Rows:
    """The rows of a result, added batch by batch: a list as JSON text that never grows much beyond ``limit`` bytes.

    ``default`` gives a value for what JSON does not have.
    """

    def __init__(self, *, task: str, limit: int, default: Callable[[Any], Any]) -> None:
        self._task = task
        self._limit = limit
        self._default = default
        self._texts: list[str] = []
        self._size = len("[]")

    def add(self, rows: Iterable[dict[str, Any]]) -> None:
        """Add rows. Raises :class:`ResultError` if one can't be stored, or if all are too large by now."""
        for row in rows:
            text = _text(row, task=self._task, default=self._default)
            self._size += len(text.encode()) + (len(", ") if self._texts else 0)
            if self._size > self._limit:
                raise _too_large(f"{self._size:,} bytes", self._task, self._limit)
            self._texts.append(text)

    def text(self) -> str:
        """Return the list of all rows, as JSON."""
        return f"[{', '.join(self._texts)}]"


def dump(value: Any, *, task: str, limit: int) -> str | None:
    """Return ``value`` as JSON text, None for None; ``limit`` is in bytes.

    Raises :class:`ResultError` if the value can't be stored as a result.
    """

    def refuse(part: Any) -> NoReturn:
        raise ResultError(f"The result of {task!r} is not JSON: it holds a {type(part).__name__}.")

    if value is None:
        return None
    text = _text(value, task=task, default=refuse)
    if (size := len(text.encode())) > limit:
        raise _too_large(f"{size:,} bytes", task, limit)
    return text


def _text(value: Any, *, task: str, default: Callable[[Any], Any]) -> str:
    """Return ``value`` as JSON text, whatever its size. Raises :class:`ResultError` if it can't be stored."""
    try:
        text = json.dumps(value, default=default, ensure_ascii=False, allow_nan=False)
        text.encode()
    except ResultError as error:
        raise error.with_traceback(None) from None
    except (TypeError, ValueError, RecursionError) as error:
        raise ResultError(f"The result of {task!r} is not JSON: {error}.") from None
    if _NUL.search(text):
        raise ResultError(f"The result of {task!r} can't be stored: it holds a NUL character.")
    return text


def read(path: Path, *, task: str, limit: int) -> str | None:
    """Return the result that a script wrote to ``path``, None if it wrote nothing. Raises as :func:`dump` does."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise _too_large("larger", task, limit)
    if not data.strip():
        return None
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ResultError(f"The result of {task!r} is not JSON: {error}.") from None
    return dump(value, task=task, limit=limit)


def _too_large(size: str, task: str, limit: int) -> ResultError:
    return ResultError(
        f"The result of {task!r} is too large ({size}, the limit is {limit:,} bytes): "
        'store it elsewhere and return where, or raise PGPROCESS["RESULT_LIMIT"].'
    )
