"""The folder of reports: one page per last day of the rates, and the stylesheet beside them."""

from __future__ import annotations

import os
import shutil
from datetime import date
from pathlib import Path

from django.conf import settings

STYLESHEET = "report.css"

_SOURCE = Path(__file__).parent / "static" / "rates" / STYLESHEET


def path(name: str) -> Path:
    """Where a file of the folder stands."""
    return Path(settings.EXAMPLE_REPORTS) / name


def names() -> list[str]:
    """The reports, that on the latest rates first."""
    return sorted((file.name for file in path("").glob("ecb-rates-*.html")), reverse=True)


def put(last: date, html: str) -> Path:
    """The report on the rates up to ``last`` stands in the folder, readable with any browser."""
    page = path(f"ecb-rates-{last}.html")
    page.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_SOURCE, page.with_name(STYLESHEET))
    partial = page.with_suffix(f".{os.getpid()}.part")
    partial.write_text(html, encoding="utf-8")
    partial.replace(page)  # a reader sees the old page or the new one
    return page
