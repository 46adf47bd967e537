"""The diagram's stylesheet as facts, for what is drawn outside of a page: its rules, colours and borders."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from pgprocess.display.status import INACTIVE

FILE = Path(__file__).parents[1] / "static" / "pgprocess" / "diagram.css"
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
BLOCK = re.compile(r"@[^{}]*\{(?:[^{}]|\{[^{}]*\})*\}")
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
DEFINITION = re.compile(r"(--pgp-[\w-]+):\s*([^;]+);")
FALLBACK = re.compile(r"var\(--(?!pgp-)[\w-]+,\s*((?:[^()]|\([^()]*\))*)\)")
VARIABLE = re.compile(r"var\((--pgp-[\w-]+)\)")
STATUS = re.compile(r'data-status="(\w+)"')


@cache
def rules() -> tuple[tuple[str, str], ...]:
    """Return selectors and declarations, without what holds for some pages only (dark mode, motion, print)."""
    text = BLOCK.sub("", COMMENT.sub("", FILE.read_text(encoding="utf-8")))
    return tuple((" ".join(selector.split()), " ".join(body.split())) for selector, body in RULE.findall(text))


@cache
def colours() -> dict[str, str]:
    """Return the light colours by the names of their variables: where one is defined twice, the first."""
    found: dict[str, str] = {}
    for _, body in rules():
        for name, value in DEFINITION.findall(body):
            found.setdefault(name, FALLBACK.sub(r"\1", value))
    return found


@cache
def status_colours() -> dict[str, str]:
    """Return the colour of each status; a task that is left out has that of none."""
    return {INACTIVE: colours()["--pgp-none"]} | {
        status: plain(value)
        for selector, body in rules()
        for name, value in DEFINITION.findall(body)
        if name == "--pgp-status"
        for status in STATUS.findall(selector)
    }


@cache
def dashed() -> frozenset[str]:
    """Return the statuses whose boxes have a broken border."""
    boxes = (selector for selector, body in rules() if ".pgp-box" in selector and "stroke-dasharray: " in body)
    return frozenset(status for selector in boxes for status in STATUS.findall(selector))


def plain(value: str) -> str:
    """Return declarations without variables; the colour of a status is the element's own."""
    value = value.replace("--pgp-status:", "color:").replace("var(--pgp-status)", "currentColor")
    return FALLBACK.sub(r"\1", VARIABLE.sub(lambda found: colours()[found[1]], value))
