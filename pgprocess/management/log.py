"""Formats of log lines: for people, or one JSON object a line for machines."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from textwrap import indent
from typing import Any

from pgprocess.text import on_one_line

FORMATS = ("text", "json")


class JsonFormatter(logging.Formatter):
    """One JSON object a line: ``time``, ``level``, ``message``.

    A line about a task also has its ``event`` and says which task: job, task, attempt, worker, ….
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON, with its traceback if it has one."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "pgprocess", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


class TextFormatter(logging.Formatter):
    """One line for people, whatever the texts of others in it: no line of the log can be forged.

    A traceback follows on lines of its own, which are indented.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Return the line, with line breaks and the like escaped."""
        return on_one_line(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:
        """Return the traceback, indented."""
        return indent("\n".join(map(on_one_line, super().formatException(ei).splitlines())), "    ")


def formatter(name: str) -> logging.Formatter:
    """Return the formatter for one of ``FORMATS``."""
    return JsonFormatter() if name == "json" else TextFormatter()
