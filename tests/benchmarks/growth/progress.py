"""What a long run says meanwhile."""

from __future__ import annotations

import time


def say(text: str) -> None:
    """A line of progress, with the time."""
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)
