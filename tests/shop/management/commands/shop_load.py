"""Says what it was told, and ends as it was told."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pgprocess import Fail, Retry, Skip, current

ENDINGS: dict[str, BaseException] = {
    "skip": Skip("nothing new"),
    "retry": Retry("busy", after=60),
    "fail": Fail("bad file"),
    "command-error": CommandError("no such day"),
    "command-error-3": CommandError("no such day", returncode=3),
    "value-error": ValueError("no such day"),
    "exit-99": SystemExit(99),
}


class Command(BaseCommand):
    """Loads nothing."""

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("words", nargs="*")
        parser.add_argument("--end", choices=ENDINGS)

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{current.task}: {options['words']}")
        self.stderr.write("as always")
        if options["end"]:
            raise ENDINGS[options["end"]]
        assert sys.argv[1] == "shop_load"
