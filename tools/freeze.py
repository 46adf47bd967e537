"""``make freeze``: copy the rules into the migration that installs them.

``make freeze`` refreshes every copy that a migration owns which was not released yet. A rule whose newest copy was
released gets another copy under the next migration's number, and the line to write there is printed:
``make freeze NAME=settle``.
"""

from __future__ import annotations

import sys

from pgprocess.sql import parts, rules
from pgprocess.sql.operations import FROZEN

MIGRATIONS = FROZEN.parent
RELEASED = 0
"""The number of the last migration that a release contains; up to it no file may change any more."""

RULES = 2
"""The number of the migration that lists the rules; until it is released a new rule belongs to it."""


def newest(name: str) -> str | None:
    """Return the newest frozen copy of a rule, as ``0002_settle``; None if there is none."""
    copies = sorted(file.stem for file in FROZEN.glob(f"[0-9]*_{name}.sql") if file.stem[5:] == name)
    return copies[-1] if copies else None


def freeze(name: str, *, released: int = RELEASED) -> str:
    """Copy the rule into ``migrations/sql``; return the operation to write into the next migration.

    Empty, where the copy belongs to a migration that was not released: the rule's name stands in its list.
    """
    previous = newest(name)
    if previous and int(previous[:4]) > released:
        frozen, operation = previous, ""
    elif not previous and released < RULES:
        frozen, operation = f"{RULES:04}_{name}", ""
    else:
        number = 1 + max(int(file.stem[:4]) for file in MIGRATIONS.glob("[0-9]*.py"))
        frozen = f"{number:04}_{name}"
        operation = f'InstallSQL("{frozen}", previous="{previous}")' if previous else f'InstallSQL("{frozen}")'
    (FROZEN / f"{frozen}.sql").write_text({**parts(), **rules()}[name], encoding="utf-8")
    return operation


def main() -> None:
    """Freeze the rules named on the command line, or all that may still change."""
    known = {**parts(), **rules()}
    names = sys.argv[1:] or [name for name in known if int((newest(name) or "9999")[:4]) > RELEASED]
    if unknown := [name for name in names if name not in known]:
        sys.exit(f"There is no rule {unknown[0]!r}. There are: {', '.join(known)}.")
    for name in names:
        if operation := freeze(name):
            print(operation)  # noqa: T201


if __name__ == "__main__":
    main()
