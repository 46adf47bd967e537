"""``make bench``: everything measured, printed, and written to docs/benchmarks.md.

``make bench BENCH="--only drain,pickup --peers pgqueuer,celery --rounds 5"`` measures a part and only prints it;
``--quick`` does so with sizes that say nothing. ``--redraw`` writes the page and the chart from the stored results.
"""

from __future__ import annotations

import argparse
import json
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
from tests.benchmarks.bench.rounds import best, run
from tests.benchmarks.bench.server import Server, server
from tests.benchmarks.bench.sizes import Sizes
from tests.benchmarks.workloads.drain import drain

OURS = Peer(plan.OURS)
STORED = ROOT / ".bench" / "results.json"
PAGE, CHART = ROOT / "docs" / "benchmarks.md", ROOT / "docs" / "images" / "benchmarks.svg"
WORKLOADS = dict.fromkeys(step.workload for step in plan.steps({plan.OURS: OURS}, Sizes(), OURS))
SLOTS, SLOTS_OF_THREADS = (100, 200, 500), (8, 20, 100)


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
    parser.add_argument("--slots", type=int, help="of our worker; without it the best of some")
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


def with_slots(ours: Peer, place: Server, jobs: int, fixed: int | None) -> tuple[Peer, Peer, dict[str, Any]]:
    """Ours as fast as can be, for async callables and for those in threads; and what was tried."""
    found, tried = [], {}
    for kind, target, candidates in (
        ("async", "nothing", SLOTS),
        ("sync", "nothing_in_a_thread", SLOTS_OF_THREADS),
    ):
        each = {slots: ours.but(target=target, concurrency=slots) for slots in ([fixed] if fixed else candidates)}
        slots, tried[f"tried {kind}"] = best(each, lambda peer: drain(place, peer, jobs))
        found.append(each[slots])
        tried[kind] = slots
    return found[0], found[1], tried


def measured(options: argparse.Namespace) -> dict[str, Any]:
    """The results of a run."""
    size = Sizes().divided(options.quick) if options.quick else Sizes()
    if options.jobs:
        size = Sizes(**asdict(size) | {"jobs": options.jobs, "slow_jobs": options.jobs})
    wanted = [*REQUIREMENTS] if options.peers is None else options.peers
    with ExitStack() as stack:
        peers, skipped = compared(wanted, stack.enter_context(redis()) if "celery" in wanted else "")
        place = stack.enter_context(server())
        ours, sync, slots = with_slots(peers[plan.OURS], place, size.jobs // 4, options.slots)
        peers[plan.OURS] = ours
        steps = [*chosen(plan.steps(peers, size, sync), options.only)]
        figures = run(place, steps, options.rounds)
        facts = {"machine": machine(), "postgres": place.settings(), "sizes": asdict(size), "slots": slots}
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
