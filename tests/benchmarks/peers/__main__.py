"""``python -m tests.benchmarks.peers NAME VERB …``, in the environment of that peer: prints JSON at the end.

BENCH_URL is the database, BENCH_FOLDER where its workers tally what they do.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from typing import Any

name, verb, *given = sys.argv[1:]
peer = import_module(f"tests.benchmarks.peers.{name}")


def about() -> dict[str, Any]:
    """The facts, with the versions that are installed."""
    facts: dict[str, Any] = peer.ABOUT
    return facts | {"versions": {package: version(package) for package in facts["packages"]}}


do: Callable[..., Any] = about if verb == "about" else getattr(peer, verb)
answer = do(*(json.loads(argument) for argument in given))
if verb != "work":
    print(json.dumps(answer))
