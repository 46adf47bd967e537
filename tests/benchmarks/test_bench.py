"""What ``make bench`` makes of its figures; not the figures themselves."""

from __future__ import annotations

import json
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.benchmarks.bench import chart, plan, report
from tests.benchmarks.bench.bars import BARS, Bar
from tests.benchmarks.bench.environments import REQUIREMENTS
from tests.benchmarks.bench.peer import Peer
from tests.benchmarks.bench.sizes import Sizes
from tests.docs.pages import page, rows

PEERS = {name: Peer(name) for name in (plan.OURS, *REQUIREMENTS)}
STEPS = [*plan.steps(PEERS, Sizes(), PEERS[plan.OURS])]
MEASURED = {figure for step in STEPS for figure in step.figures}


def results(**values: list[float]) -> dict[str, Any]:
    """As they are stored, of ours and PgQueuer."""
    stored: dict[str, Any] = json.loads(
        json.dumps(
            {
                "values": {key.replace("__", ":"): figures for key, figures in values.items()},
                "failures": {},
                "peers": {
                    "pgprocess": {"title": "pgprocess", "settings": "as it comes", "versions": {"pgprocess": "1.0"}},
                    "pgqueuer": {"title": "PgQueuer", "settings": "batch 100", "versions": {"pgqueuer": "2.0"}},
                },
                "skipped": {"celery": "Celery with Redis was left out: there is no redis-server."},
                "machine": {"cores": "2", "processor": "x", "memory": "1 GiB", "system": "Linux", "Python": "3.13"},
                "postgres": {"server_version": "18", "fsync": "on"},
                "sizes": {"jobs": 20000, "slow_jobs": 4000, "samples": 200},
                "slots": 8,
                "tried": {"pgqueuer": [[{"batch": 100}, 900.0], [{"batch": 10}, 800.0]]},
                "rounds": 3,
                "date": "2026-11-27",
            }
        )
    )
    return stored


def cells(of: dict[str, Any], workload: str) -> list[str]:
    """The row of a bar."""
    [row] = [row for row in rows(report.text(of), "workload") if row[0].startswith(workload)]
    return row


def test_every_workload_from_a_to_k_has_a_bar():
    assert sorted({bar.letter for bar in BARS}) == list("abcdefghijk")


def test_every_bar_is_about_something_that_is_measured():
    assert {bar.figure for bar in BARS} | {bar.than for bar in BARS if bar.than} <= MEASURED


def test_every_bar_has_one_limit():
    assert all((bar.least is None) != (bar.most is None) for bar in BARS)


def test_everybody_drains_a_queue_and_takes_a_job_when_idle():
    for name in PEERS:
        assert {f"drain:{name}", f"pickup:{name}:median", f"pickup:{name}:p99"} <= MEASURED


def test_the_page_says_of_every_workload_what_happens():
    assert [row[0].strip(" ()") for row in rows(page("benchmarks.md"), "letter")] == list("abcdefghijk")


def test_a_median_that_reaches_its_bar_meets_it():
    met = cells(results(drain__sync=[9_000, 12_000, 11_000]), "(a) sync")
    assert met[1:] == ["≥ 10,000", "11,000 jobs/s", "9,000 to 12,000", "met"]


def test_a_median_that_does_not_has_missed_it():
    assert cells(results(chain__hop=[1.7]), "(d) from one task")[1:] == ["≤ 1.60", "1.70 ms", "", "**missed**"]


def test_a_bar_may_depend_on_somebody_elses_median():
    of = results(drain__pgprocess=[21_000], drain__pgqueuer=[19_000, 20_000, 30_000])
    assert cells(of, "(a) async")[1:] == ["≥ 1 times 20,000", "21,000 jobs/s", "", "met"]


def test_what_was_not_measured_is_neither_met_nor_missed():
    assert cells(results(), "(j)")[1:] == ["≤ 20", "", "", "not measured"]
    assert cells(results(drain__pgprocess=[1]), "(a) async")[-1] == "not measured"


def test_the_fastest_stands_first():
    of = results(drain__pgprocess=[1_000], drain__pgqueuer=[2_000], pickup__pgqueuer__median=[1.5])
    assert [row[0] for row in rows(report.text(of), "")] == ["PgQueuer 2.0", "pgprocess 1.0"]


def test_who_was_left_out_is_named():
    assert "- Celery with Redis was left out: there is no redis-server." in report.text(results())


def test_what_was_tried_stands_beside_the_settings():
    assert "batch 100. The best of these, in jobs/s: batch 100: 900; batch 10: 800." in report.text(results())


def test_what_failed_is_said_in_its_first_line():
    failed = results() | {"failures": {"drain of chancy": "a worker ended with 1;\nand a long log"}}
    assert report.text(failed).endswith("Failed:\n\n- drain of chancy: a worker ended with 1;")


def test_the_page_keeps_what_stands_around_its_results():
    old = f"# Head\n\n{report.BEGIN}\n\nof yesterday\n\n{report.END}\n\nfoot\n"
    new = report.insert(old, results())
    assert new.startswith(f"# Head\n\n{report.BEGIN}\n\n![")
    assert new.endswith(f"\n\n{report.END}\n\nfoot\n")
    assert "of yesterday" not in new
    assert report.insert(new, results()) == new


def test_the_page_has_its_marks():
    assert report.insert(page("benchmarks.md"), results()).count(report.BEGIN) == 1


def test_the_chart_has_a_bar_for_each_with_ours_marked():
    of = results(
        drain__pgprocess=[900, 1_000, 1_100],
        drain__pgqueuer=[2_000],
        pickup__pgprocess__median=[1.5],
        pickup__pgqueuer__median=[500.0],
    )
    drawn = ElementTree.fromstring(chart.svg(of))
    bars = [bar.get("class") for bar in drawn.iter("{http://www.w3.org/2000/svg}rect")]
    assert bars == ["others", "ours", "ours", "others"]
    assert all(0 < float(bar.get("width", "0")) < chart.WIDTH for bar in drawn.iter("{http://www.w3.org/2000/svg}rect"))


def test_a_bar_is_only_written_down_once():
    assert len({(bar.figure, bar.than) for bar in BARS}) == len(BARS)
    assert all(isinstance(bar, Bar) for bar in BARS)


def test_what_a_peer_is_has_been_asked_before_it_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def ask(self: Peer, verb: str, *rest: Any) -> dict[str, str]:
        asked.append(verb)
        return {"left": "SELECT false"}

    monkeypatch.setattr(Peer, "ask", ask)
    server: Any = SimpleNamespace(copy=lambda name, make: nullcontext("postgres://"))
    with Peer("pgprocess").but(concurrency=8).place(server) as place:
        assert asked == ["about"]
        assert place.peer.about["left"] == "SELECT false"
        assert asked == ["about"]
