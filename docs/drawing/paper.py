"""The paper of every picture: an SVG file with the product's stylesheet inside, right on light and dark pages."""

from __future__ import annotations

import re
from pathlib import Path

from pgprocess.diagram.labels import clean
from pgprocess.diagram.shapes import px

STYLESHEET = Path(__file__).parents[2] / "pgprocess" / "static" / "pgprocess" / "diagram.css"
OWN = (
    ".paper{fill:var(--pgp-bg);stroke:none}.caption{fill:var(--pgp-quiet);stroke:none;font-weight:600}"
    ".word{fill:var(--pgp-quiet);stroke:none;font-size:11px}.back{stroke-dasharray:5 4}"
)
SHOWN = 0.82  # of the natural size: beside a page's text that looks neither small nor large


def paper(title: str, width: float, height: float, drawing: str) -> str:
    """The file: ``drawing``, which is markup, on a sheet of ``width`` by ``height`` pixels."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{px(width * SHOWN)}"'
        f' height="{px(height * SHOWN)}" viewBox="0 0 {px(width)} {px(height)}">'
        f"<title>{clean(title)}</title><style>{style()}</style>"
        '<g class="pgp-diagram" fill="none" stroke="currentColor">'
        f'<rect class="paper" width="{px(width)}" height="{px(height)}" rx="8"/>{drawing}</g></svg>\n'
    )


def style() -> str:
    """The product's stylesheet without comments and line ends, and a little of our own."""
    text = re.sub(r"/\*.*?\*/", "", STYLESHEET.read_text(encoding="utf-8"), flags=re.DOTALL)
    return " ".join(text.split()) + OWN


def words(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    """A line of text; ``kind`` is ``caption`` or ``word``."""
    return f'<text class="{kind}" x="{px(x)}" y="{px(y)}" text-anchor="{anchor}">{clean(text)}</text>'
