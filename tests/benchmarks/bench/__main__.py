"""``make bench``: everything measured, printed, and written to docs/benchmarks.md.

``make bench BENCH="--only drain,pickup --peers pgqueuer,celery --rounds 5"`` measures a part and only prints it;
``--quick`` does so with sizes that say nothing. ``--redraw`` writes the page and the chart from the stored results.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from tests.benchmarks.bench import chart, plan, report
from tests.benchmarks.bench.environments import REQUIREMENTS, ROOT, NotInstalled
from tests.benchmarks.bench.machine import machine
from tests.benchmarks.bench.peer import Peer
from tests.benchmarks.bench.redis import MISSING, redis
from tests.benchmarks.bench.rounds import run
from tests.benchmarks.bench.server import Server, server
from tests.benchmarks.bench.sizes import Sizes
from tests.benchmarks.bench.tuning import tuned

OURS = Peer(plan.OURS)
STORED = ROOT / ".bench" / "results.json"
PAGE, CHART = ROOT / "docs" / "benchmarks.md", ROOT / "docs" / "images" / "benchmarks.svg"
WORKLOADS = dict.fromkeys(step.workload for step in plan.steps({plan.OURS: OURS}, Sizes(), OURS))


def names(known: list[str]) -> Any:
    """Reads a list with commas."""

    def read(text: str) -> list[str]:
        given = [name.strip() for name in text.split(",") if name.strip()]
        if unknown := set(given) - set(known):
            raise argparse.ArgumentTypeError(f"{min(unknown)} is none of {', '.join(known)}")
        return given

    return read


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    workloads, peers = [*WORKLOADS], [*REQUIREMENTS]
    parser.add_argument("--only", type=names(workloads), help=f"these workloads: {', '.join(workloads)}")
    parser.add_argument("--peers", type=names(peers), help=f"beside ours these: {', '.join(peers)}")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, help="so many in a drain, of everybody")
    parser.add_argument("--untuned", action="store_true", help="try no settings: take the first of each")
    parser.add_argument("--quick", type=int, nargs="?", const=10, help="everything a tenth, or so small a part")
    parser.add_argument("--redraw", action="store_true", help="page and chart from the stored results")
    parser.add_argument("--write", action="store_true", help="write the page though it is only a part")
    return parser.parse_args()


def compared(wanted: list[str], socket: str) -> tuple[dict[str, Peer], dict[str, str]]:
    """Those that can be had here, and a sentence about each of the others."""
    peers, skipped = {plan.OURS: OURS}, {}
    for name in wanted:
        if name == "celery" and not socket:
            skipped[name] = f"Celery with Redis was left out: {MISSING}."
            continue
        peer = Peer(name, socket)
        try:
            assert peer.about
        except NotInstalled as why:
            skipped[name] = f"{name} was left out: {why}."
        else:
            peers[name] = peer
    return peers, skipped


def set_up(peers: dict[str, Peer], place: Server, size: Sizes, try_all: bool) -> tuple[dict[str, Peer], Peer, Any]:
    """Everybody as fast as can be; ours for callables in threads; and what was tried, by name."""
    best, tried = {}, {}
    for name, peer in peers.items():
        jobs = (size.slow_jobs if name in plan.SLOW else size.jobs) // 4
        candidates = peer.about["candidates"] if try_all else peer.about["candidates"][:1]
        best[name], tried[name] = tuned(place, peer, candidates, jobs)
    in_threads = OURS.about["candidates_in_threads"]
    of = OURS.but(target="nothing_in_a_thread")
    sync, tried["sync"] = tuned(place, of, in_threads if try_all else in_threads[:1], size.jobs // 4)
    return best, sync, tried


def measured(options: argparse.Namespace) -> dict[str, Any]:
    """The results of a run."""
    size = Sizes().divided(options.quick) if options.quick else Sizes()
    if options.jobs:
        size = Sizes(**asdict(size) | {"jobs": options.jobs, "slow_jobs": options.jobs})
    wanted = [*REQUIREMENTS] if options.peers is None else options.peers
    with ExitStack() as stack:
        peers, skipped = compared(wanted, stack.enter_context(redis()) if "celery" in wanted else "")
        place = stack.enter_context(server())
        peers, sync, tried = set_up(peers, place, size, not options.untuned)
        steps = [*chosen(plan.steps(peers, size, sync), options.only)]
        figures = run(place, steps, options.rounds)
        facts = {"machine": machine(), "postgres": place.settings(), "sizes": asdict(size), "tried": tried}
        facts |= {"slots": sync.tune["concurrency"]}
        about = {name: peer.about for name, peer in peers.items()}
    return figures | facts | {
        "peers": about, "skipped": skipped, "rounds": options.rounds, "date": date.today().isoformat(),
    }  # fmt: skip


def chosen(steps: Iterator[plan.Step], only: list[str] | None) -> Iterator[plan.Step]:
    """Those of the workloads asked for."""
    return (step for step in steps if only is None or step.workload in only)


def write(results: dict[str, Any], page: Path = PAGE) -> None:
    """The page and the chart."""
    page.write_text(report.insert(page.read_text(encoding="utf-8"), results), encoding="utf-8")
    CHART.write_text(chart.svg(results), encoding="utf-8")


def main() -> None:
    """Measured or read, printed, written."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that all workers end, too
    options = arguments()
    if options.redraw:
        results = json.loads(STORED.read_text(encoding="utf-8"))
    else:
        results = measured(options)
        STORED.parent.mkdir(exist_ok=True)
        STORED.write_text(json.dumps(results, indent=1), encoding="utf-8")
    print(f"\n{report.text(results)}")
    if options.redraw or options.write or not (options.only or options.peers is not None or options.quick):
        write(results)


if __name__ == "__main__":
    main()
