"""Lines of the log: nobody forges one."""

from __future__ import annotations

import json
import logging

import pytest

from pgprocess.management.log import formatter

FORGED = "2026-01-01 00:00:00,000 ERROR Worker 1 is dead."


def a_record(message: str, error: Exception | None = None) -> logging.LogRecord:
    trouble = (type(error), error, None) if error else None
    return logging.LogRecord("pgprocess", logging.INFO, "", 0, "Task %s", (message,), trouble)


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x1b[1A"])
def test_what_somebody_typed_stays_on_its_line(end: str) -> None:
    line = formatter("text").format(a_record(f"a{end}{FORGED}"))
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line
    assert line.endswith(f"INFO Task a{repr(end)[1:-1]}{FORGED}")


def test_a_traceback_is_indented_so_that_none_of_its_lines_looks_like_another_message() -> None:
    lines = formatter("text").format(a_record("a", ValueError(f"no\n{FORGED}"))).splitlines()
    assert f"    {FORGED}" in lines
    assert all(line.startswith("    ") for line in lines[1:])


def test_json_is_one_line_by_nature() -> None:
    line = formatter("json").format(a_record(f"a\n{FORGED}"))
    assert json.loads(line)["message"] == f"Task a\n{FORGED}"
    assert "\n" not in line
