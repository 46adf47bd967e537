"""Python code that does not compile is refused in one sentence, with its line."""

from __future__ import annotations

import pytest

from pgprocess.models.syntax import syntax_error


@pytest.mark.parametrize("code", ["", "import os\nprint(os.getpid())\n", "print('\\d')", "x = 1 is 1", "# ñandú"])
def test_code_that_compiles_is_let_through(code: str) -> None:
    assert syntax_error(code) == ("", 0)


@pytest.mark.parametrize(
    ("code", "line", "sentence"),
    [
        ("x = 1\nif x\n    y", 2, "expected ':': if x"),
        ("def f():\nreturn 1", 2, "expected an indented block after function definition on line 1: return 1"),
        ("print('a", 1, "unterminated string literal (detected at line 1): print('a"),
        ("return 1", 1, "'return' outside function: return 1"),
        ("a = (1,\n", 1, "'(' was never closed: a = (1,"),
        ("x = $" + "y" * 200, 1, "…"),
    ],
)
def test_the_line_is_named(code: str, line: int, sentence: str) -> None:
    message, found = syntax_error(code)
    assert found == line
    assert sentence in message


@pytest.mark.parametrize(
    "code", ["(" * 500, "-" * 100_000 + "1", "+".join(["1"] * 100_000), "x = 1\x00", "\ud800 = 1", "x" * 10 + "\x0c("]
)
def test_nothing_that_people_paste_breaks_the_check(code: str) -> None:
    assert syntax_error(code)[0]


def test_nothing_runs() -> None:
    assert syntax_error("raise SystemExit") == ("", 0)
