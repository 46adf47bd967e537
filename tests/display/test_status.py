"""Statuses as people see them: each has a sign, a word and a colour, and nothing else claims to be one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import pgprocess
from pgprocess.diagram.notes import SEVERITY
from pgprocess.display.status import GLYPHS, INACTIVE, RELEASED, word
from pgprocess.statuses import Status

STATIC = Path(pgprocess.__file__).parent / "static" / "pgprocess"
SHOWN = {*map(str, Status), INACTIVE, RELEASED}
NAMED = re.compile(r'data-status="(\w*)"')
COLOURING = re.compile(r"([^{}]*)\{[^{}]*--pgp-status:[^{}]*\}")


def sources(pattern: str) -> dict[str, str]:
    """Return the files of our static folder by their names."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(STATIC.glob(pattern))}


@pytest.mark.parametrize("name", [*sources("*.css"), *sources("*.js")])
def test_a_stylesheet_or_script_names_no_status_that_there_is_not(name: str) -> None:
    assert set(NAMED.findall(sources("*")[name])) <= SHOWN


def test_a_stylesheet_that_colours_statuses_colours_every_one() -> None:
    colouring = {name: COLOURING.findall(text) for name, text in sources("*.css").items() if "--pgp-status:" in text}
    assert "diagram.css" in colouring
    for name, selectors in colouring.items():
        assert set(NAMED.findall(" ".join(selectors))) >= set(map(str, Status)), name


def test_every_status_has_its_sign_and_its_word() -> None:
    assert set(map(str, GLYPHS)) == SHOWN
    assert len(set(GLYPHS.values())) == len(GLYPHS)
    assert len({word(status) for status in SHOWN}) == len(SHOWN)


def test_severity_ranks_every_status_once() -> None:
    assert sorted(SEVERITY) == sorted(Status)
