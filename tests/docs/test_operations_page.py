"""docs/operations.md names every check of the doctor, and shows what the doctor prints when something is wrong."""

from __future__ import annotations

import inspect

from pgprocess.doctor import CHECKS
from tests.docs.pages import page, rows

TEXT = page("operations.md")


def test_every_check_of_the_doctor_stands_there_in_its_order() -> None:
    assert [check.strip("`") for check, *_ in rows(TEXT, "check")] == [check.__name__ for check in CHECKS]


def test_every_check_s_severity_is_one_that_it_gives() -> None:
    for check, severity, _ in rows(TEXT, "check"):
        [function] = [function for function in CHECKS if function.__name__ == check.strip("`")]
        assert f"Severity.{severity.upper()}" in inspect.getsource(function)
