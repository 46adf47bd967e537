"""Templates that a person can review: a change of one cell is a change of one line."""

from __future__ import annotations

from pathlib import Path

import pytest

import pgprocess

TEMPLATES = Path(pgprocess.__file__).parent / "templates"
LONGEST = 140  # characters; what stands in a <pre> or in an empty cell can't be broken anywhere


@pytest.mark.parametrize("template", sorted(TEMPLATES.glob("**/*.html")), ids=lambda path: path.name)
def test_no_line_of_a_template_is_too_long_to_be_compared(template: Path) -> None:
    lines = template.read_text(encoding="utf-8").splitlines()
    assert [number for number, line in enumerate(lines, start=1) if len(line) > LONGEST] == []
