"""From the raw figures to the tables of docs/capacity.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.growth.verdict import culprit, judge

BEGIN, END = "<!-- growth:{} -->", "<!-- /growth:{} -->"
COLLAPSED = "admin"


def put(page: Path, name: str, text: str) -> None:
    """What stands between the two marks of this name on the page is the text. Raises ValueError without them."""
    before, found, rest = page.read_text(encoding="utf-8").partition(BEGIN.format(name) + "\n")
    _, ends, after = rest.partition(END.format(name))
    if not found or not ends:
        raise ValueError(f"{page} has no place for {name}: {BEGIN.format(name)} … {END.format(name)}")
    page.write_text(f"{before}{found}\n{text}\n\n{ends}{after}", encoding="utf-8")


def rows(header: Sequence[str], lines: Iterator[Sequence[str]], *, last: str = "--:") -> str:
    """A table of Markdown; figures stand to the right, and words where ``last`` is ``---``."""
    rule = ["---", *("--:" for _ in header[1:-1]), last]
    return "\n".join(f"| {' | '.join(line)} |" for line in (header, rule, *lines))


def short(number: int) -> str:
    """``100k``, ``1M``, ``2.5M``."""
    return f"{number / 1e6:.3g}M" if number >= 999_500 else f"{number / 1e3:.3g}k"


def milliseconds(time: float) -> str:
    """As precise as it is worth."""
    return f"{time:,.0f}" if time >= 100 else f"{time:.1f}" if time >= 1 else f"{time:.2f}"


def figures(stages: Sequence[Mapping[str, Any]]) -> str:
    """Medians at each size, and whether it is flat; what is not says which node reads more."""
    header = ["milliseconds beside", *(short(stage["tasks"]) for stage in stages), "verdict"]
    return rows(header, _figures(stages), last="---")


def _figures(stages: Sequence[Mapping[str, Any]]) -> Iterator[Sequence[str]]:
    sizes = [stage["tasks"] for stage in stages]
    flat: list[list[float]] = []
    for one in stages[0]["figures"]:
        same = [_find(stage, one) for stage in stages]
        if errors := [figure["error"] for figure in same if figure["error"]]:
            times = [" " if figure["error"] else milliseconds(figure["median"]) for figure in same]
            yield (_name(one), *times, f"failed: {errors[0]}")
            continue
        medians = [figure["median"] for figure in same]
        if one["group"] == COLLAPSED and judge(sizes, medians).is_flat:
            flat.append(medians)
            continue
        yield (_name(one), *map(milliseconds, medians), _judged(sizes, same))
    if flat:
        slowest = [milliseconds(max(times)) for times in zip(*flat, strict=True)]
        yield (f"{COLLAPSED}: the slowest of {len(flat)} other pages and lists", *slowest, "flat")


def _name(figure: Mapping[str, Any]) -> str:
    return f"{figure['group']}: {figure['name']}"


def _find(stage: Mapping[str, Any], one: Mapping[str, Any]) -> Mapping[str, Any]:
    for figure in stage["figures"]:
        if (figure["group"], figure["name"]) == (one["group"], one["name"]):
            return figure  # type: ignore[no-any-return]
    return {**one, "error": "not measured at this size"}


def _judged(sizes: Sequence[int], same: Sequence[Mapping[str, Any]]) -> str:
    verdict = judge(sizes, [figure["median"] for figure in same])
    if verdict.is_flat:
        return str(verdict)
    first, last = same[0]["pages"], same[-1]["pages"]
    grown = culprit(first, last)
    if first and not grown:
        read = f"{sum(first.values()):,} → {sum(last.values()):,} pages"
        return f"flat in what it reads, {read}; {verdict.factor:.1f} times as long"
    why = f"`{grown[0]}`: {grown[1]:,} → {grown[2]:,} pages" if grown else ""
    return ". ".join(each for each in (str(verdict), same[0]["remark"], why) if each)


def disk(stages: Sequence[Mapping[str, Any]]) -> str:
    """Megabytes of each table and of its indexes at the largest size, and for a million tasks."""
    stage = stages[-1]
    million = 1e6 / stage["tasks"]

    def line(name: str, table: float, indexes: float) -> Sequence[str]:
        size = (table + indexes) / 1e6
        return (name, f"{table / 1e6:,.0f}", f"{indexes / 1e6:,.0f}", f"{size * million:,.0f}")

    def lines() -> Iterator[Sequence[str]]:
        tables = indexes = 0
        for name, size in stage["disk"].items():
            beside = sum(size["indexes"].values())
            yield line(f"`{name}`", size["table"], beside)
            tables, indexes = tables + size["table"], indexes + beside
        yield line("all", tables, indexes)

    header = [f"MB beside {short(stage['tasks'])} finished tasks", "table", "indexes", "both, a million tasks"]
    return rows(header, lines())


def costs(stages: Sequence[Mapping[str, Any]]) -> str:
    """What a task costs at the largest size, load by load."""

    def lines() -> Iterator[Sequence[str]]:
        for cost in stages[-1]["costs"]:
            microseconds = cost["server_us"]
            day = f"{86_400 / microseconds:,.0f}M" if microseconds else "?"
            numbers = (cost["wal"], cost["wal_full_pages"], microseconds, cost["client_us"])
            yield (cost["name"], *(f"{number:,.0f}" for number in numbers), day)

    header = ["a task of", "WAL, bytes", "full pages after a checkpoint, bytes", "µs of Postgres", "µs of Python"]
    return rows([*header, "tasks a day that fill a core of Postgres"], lines())
