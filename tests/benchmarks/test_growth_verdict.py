"""What the benchmark of growth makes of its figures: verdicts, the node that grows, tables on a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.growth.plans import pages
from tests.benchmarks.growth.table import costs, disk, figures, put, short
from tests.benchmarks.growth.verdict import culprit, judge

SIZES = [100_000, 1_000_000, 10_000_000]


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ([5.0, 5.5, 6.0], "flat"),
        ([5.0, 4.0, 2.0], "flat"),
        ([0.02, 0.05, 0.1], "flat"),
        ([5.0, 6.0, 8.0], "a little, 1.6 times"),
        ([5.0, 20.0, 50.0], "grows, 10 times"),
        ([5.0, 50.0, 400.0], "in proportion, 80 times"),
    ],
)
def test_a_time_is_judged_by_what_a_hundred_times_the_size_makes_of_it(times: list[float], words: str) -> None:
    assert str(judge(SIZES, times)) == words


def test_one_size_alone_is_flat() -> None:
    assert judge([1000], [5.0]).is_flat


def test_the_node_that_reads_more_is_named() -> None:
    assert culprit({"Index Scan": 10, "Seq Scan": 5}, {"Index Scan": 11, "Seq Scan": 500}) == ("Seq Scan", 5, 500)


def test_a_tree_that_is_one_page_higher_is_not_to_blame() -> None:
    assert culprit({"Index Scan": 300}, {"Index Scan": 310}) is None
    assert culprit({}, {}) is None


def test_another_plan_that_reads_no_more_is_not_to_blame() -> None:
    assert culprit({"Seq Scan": 300}, {"Index Scan": 120}) is None


def test_a_node_counts_its_own_pages_and_not_those_below_it() -> None:
    scan = {"Node Type": "Index Scan", "Index Name": "i", "Relation Name": "t", "Shared Hit Blocks": 7}
    update = {"Node Type": "ModifyTable", "Operation": "Update", "Relation Name": "t", "Shared Hit Blocks": 10}
    assert pages({**update, "Plans": [{"Node Type": "Sort", "Shared Hit Blocks": 7, "Plans": [scan]}]}) == {
        "Update on t": 3,
        "Index Scan using i on t": 7,
    }


def figure(name: str, median: float, group: str = "worker", **more: Any) -> dict[str, Any]:
    return {"group": group, "name": name, "median": median, "remark": "", "error": "", "pages": {}, **more}


def two(first: list[dict[str, Any]], last: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"tasks": 100_000, "figures": first}, {"tasks": 10_000_000, "figures": last}]


def test_what_is_not_flat_says_why() -> None:
    stages = two(
        [figure("claim 100", 5.0), figure("drift", 2.0, pages={"Seq Scan on t": 10}, remark="Once a day")],
        [figure("claim 100", 5.1), figure("drift", 200.0, pages={"Seq Scan on t": 1000})],
    )
    assert figures(stages).splitlines()[2:] == [
        "| worker: claim 100 | 5.0 | 5.1 | flat |",
        "| worker: drift | 2.0 | 200 | in proportion, 100 times. Once a day. `Seq Scan on t`: 10 → 1,000 pages |",
    ]


def test_what_takes_longer_and_reads_the_same_says_so() -> None:
    stages = two([figure("lanes", 1.0, pages={"i": 45})], [figure("lanes", 3.0, pages={"i": 46})])
    assert figures(stages).splitlines()[-1] == (
        "| worker: lanes | 1.0 | 3.0 | flat in what it reads, 45 → 46 pages; 3.0 times as long |"
    )


def test_pages_of_the_admin_that_are_flat_share_a_line() -> None:
    lists = [figure("jobs", 40.0, "admin"), figure("tasks", 60.0, "admin")]
    assert figures(two(lists, lists)).splitlines()[2:] == [
        "| admin: the slowest of 2 other pages and lists | 60.0 | 60.0 | flat |"
    ]


def test_what_went_wrong_at_one_size_does_not_hide_the_rest() -> None:
    text = figures(two([figure("claim 100", 5.0)], [figure("claim 100", 0.0, error="Timeout: lock")]))
    assert "| worker: claim 100 | 5.0 |   | failed: Timeout: lock |" in text
    assert "failed: not measured at this size" in figures(two([figure("claim 100", 5.0)], []))


def test_disk_is_told_for_a_million_tasks() -> None:
    stage = {"tasks": 10_000_000, "disk": {"t": {"table": 2e9, "indexes": {"a": 5e8, "b": 5e8}}}}
    assert disk([stage]).splitlines()[2:] == ["| `t` | 2,000 | 1,000 | 300 |", "| all | 2,000 | 1,000 | 300 |"]


def test_a_core_that_is_full_of_a_task_of_100_microseconds_does_864_million_a_day() -> None:
    cost = {"name": "single", "wal": 2000.0, "wal_full_pages": 10.0, "server_us": 100.0, "client_us": 50.0}
    assert costs([{"costs": [cost]}]).splitlines()[-1] == "| single | 2,000 | 10 | 100 | 50 | 864M |"


def test_sizes_are_short() -> None:
    assert [short(size) for size in (99_800, 1_000_000, 9_999_999)] == ["99.8k", "1M", "10M"]


def test_a_table_goes_between_its_marks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- growth:disk -->\nold\n<!-- /growth:disk -->\nafter\n")
    put(page, "disk", "new")
    put(page, "disk", "new")
    assert page.read_text() == "before\n<!-- growth:disk -->\n\nnew\n\n<!-- /growth:disk -->\nafter\n"
    with pytest.raises(ValueError, match="has no place for costs"):
        put(page, "costs", "new")
