"""``make freeze NAME=settle``: copy a rule for the next migration, and say what to write there."""

from __future__ import annotations

import sys

from pgprocess.operations import FROZEN
from pgprocess.sql import rules

MIGRATIONS = FROZEN.parent


def newest(name: str) -> str | None:
    """The newest frozen copy of a rule, as ``0002_settle``; None if there is none."""
    copies = sorted(file.stem for file in FROZEN.glob(f"[0-9]*_{name}.sql") if file.stem[5:] == name)
    return copies[-1] if copies else None


def freeze(name: str) -> str:
    """Copy the rule into ``migrations/sql`` under the next migration's number; the operation to write there."""
    text = rules()[name]
    number = 1 + max(int(file.stem[:4]) for file in MIGRATIONS.glob("[0-9]*.py"))
    previous = newest(name)
    frozen = f"{number:04}_{name}"
    (FROZEN / f"{frozen}.sql").write_text(text, encoding="utf-8")
    return f'InstallSQL("{frozen}", previous="{previous}")' if previous else f'InstallSQL("{frozen}")'


def main() -> None:
    """Freeze the rules named on the command line."""
    names = sys.argv[1:]
    unknown = [name for name in names if name not in rules()]
    if not names or unknown:
        sys.exit(f"Name a rule, as in make freeze NAME=settle. There are: {', '.join(rules())}.")
    for name in names:
        print(freeze(name))  # noqa: T201


if __name__ == "__main__":
    main()
