"""``python -m tests.benchmarks.growth``: fill, measure, write the tables into docs/capacity.md."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.growth import history, table
from tests.benchmarks.growth.progress import say
from tests.benchmarks.scale import database

ROOT = Path(__file__).parents[3]
RAW = ROOT / ".bench" / "growth.json"
PAGE = ROOT / "docs" / "capacity.md"
SETTINGS = {"shared_buffers": "2GB", "max_wal_size": "8GB", "checkpoint_timeout": "15min"}


def run(sizes: list[int], *, write: bool) -> dict[str, Any]:
    """All sizes, one after another, in one database; what has been measured is kept after each."""
    with database(SETTINGS) as execute:
        from tests.benchmarks.growth.stage import stage  # needs Django

        [(version,)] = execute("SHOW server_version")
        history.processes(execute)
        on = {"cores": os.cpu_count(), "machine": platform.machine(), "postgres": version, "date": time.strftime("%F")}
        raw: dict[str, Any] = {"on": on | {"settings": SETTINGS}, "stages": []}
        for size in sizes:
            raw["stages"].append(stage(execute, size))
            RAW.parent.mkdir(exist_ok=True)
            RAW.write_text(json.dumps(raw, indent=1), encoding="utf-8")
            if write:
                draw(raw)
    return raw


def draw(raw: dict[str, Any]) -> None:
    """The tables of the page are those of these figures."""
    on, stages = raw["on"], raw["stages"]
    settings = ", ".join(f"`{name} = {value}`" for name, value in on["settings"].items())
    where = f"Measured on {on['date']}: Postgres {on['postgres']}, {on['cores']} cores that Python shares; {settings}."
    table.put(PAGE, "figures", f"{where}\n\n{table.figures(stages)}")
    table.put(PAGE, "disk", table.disk(stages))
    table.put(PAGE, "costs", table.costs(stages))


def main() -> int:
    """1 if something could not be measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="100000,1000000,10000000", help="finished tasks, the smallest first")
    parser.add_argument("--no-page", action="store_true", help="print the table, and leave docs/capacity.md alone")
    parser.add_argument("--redraw", action="store_true", help="the page from the figures of the last run")
    options = parser.parse_args()
    if options.redraw:
        draw(json.loads(RAW.read_text(encoding="utf-8")))
        return 0
    began = time.monotonic()
    raw = run([int(size) for size in options.sizes.split(",")], write=not options.no_page)
    say(f"all in {(time.monotonic() - began) / 60:.1f} min\n")
    print(table.figures(raw["stages"]))
    return int(any(figure["error"] for stage in raw["stages"] for figure in stage["figures"]))


if __name__ == "__main__":
    sys.exit(main())
