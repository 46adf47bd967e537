"""Where the browser and axe-core are, or why they are not; see `make axe` and .ci/run."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SCREENSHOTS = ROOT / "screenshots"

ALL_LOOKS = "light-wide,dark-phone,light-phone,dark-wide"
LOOKS = [tuple(look.split("-")) for look in os.environ.get("LOOKS", ALL_LOOKS).split(",")]
"""Scheme and size in which a page is looked at: all four, or what LOOKS=light-wide,dark-phone names."""
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> str | None:
    """Return the program: the one that PGPROCESS_CHROMIUM names, or the machine's."""
    named = os.environ.get("PGPROCESS_CHROMIUM")
    return named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def missing() -> str:
    """Return why there is no browser to test in; empty if there is one."""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "Playwright is not installed"
    return "" if find_chromium() else "there is no Chromium: apt install chromium, or name one in PGPROCESS_CHROMIUM"
