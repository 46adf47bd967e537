"""Read a duration from a command line."""

from __future__ import annotations

import math
from argparse import ArgumentTypeError

from pgprocess.conf import A_DAY


def seconds(text: str) -> float:
    """Read a number of seconds from 0 on; neither infinity nor NaN is one."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number <= A_DAY:
        raise ArgumentTypeError(f"{text!r} is not a number of seconds from 0 to {A_DAY:.0f}")
    return number
