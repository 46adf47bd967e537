"""Output that was written for a terminal, as a page or a log line can show it."""

from __future__ import annotations

import re

CODES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x08\x0b\x0c\x0e-\x1f]")


def without_codes(text: str) -> str:
    """Return the text without the codes that tell a terminal colours, and with the line ends of Unix."""
    return CODES.sub("", text.replace("\r\n", "\n"))
