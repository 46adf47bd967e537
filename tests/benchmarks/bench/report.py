"""Results as tables. Pure: from the stored results to text."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from typing import Any

from tests.benchmarks.bench.bars import BARS, Bar

BEGIN, END = "<!-- begin: make bench -->", "<!-- end: make bench -->"
PICTURE = "![Jobs a second and pickup, pgprocess beside other queues](images/benchmarks.svg)"
Results = Mapping[str, Any]
Values = Mapping[str, list[float]]


def goal(bar: Bar, values: Values) -> float | None:
    """What the median has to reach; None if the figure it depends on is not there."""
    limit = bar.least if bar.least is not None else bar.most
    assert limit is not None
    if not bar.than:
        return limit
    return limit * statistics.median(values[bar.than]) if values.get(bar.than) else None


def met(bar: Bar, values: Values) -> bool | None:
    """Whether the median reaches it; None if that can't be said."""
    reached, wanted = values.get(bar.figure), goal(bar, values)
    if not reached or wanted is None:
        return None
    median = statistics.median(reached)
    return median >= wanted if bar.least is not None else median <= wanted


def number(value: float, digits: int) -> str:
    """For people."""
    return f"{value:,.{digits}f}"


def spread(values: list[float], digits: int) -> str:
    """The least and the greatest; empty for a single one."""
    return f"{number(min(values), digits)} to {number(max(values), digits)}" if len(values) > 1 else ""


def in_words(bar: Bar, values: Values) -> str:
    """The bar as a cell says it."""
    limit = bar.least if bar.least is not None else bar.most
    sign, wanted = "≥" if bar.least is not None else "≤", goal(bar, values)
    if not bar.than:
        return f"{sign} {number(limit or 0, 0 if limit == int(limit or 0) else bar.digits)}"
    times = f"{limit:g} times "
    return f"{sign} {times}{number(wanted / limit, bar.digits) if wanted and limit else '?'}"


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Markdown; the first column is text, the others are aligned to the right."""
    heads = [*heads]
    lines = [heads, ["---", *["--:"] * (len(heads) - 1)], *([*row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def of_bars(results: Results) -> str:
    """A row for each bar."""
    values = results["values"]
    answers = {True: "met", False: "**missed**", None: "not measured"}
    rows = []
    for bar in BARS:
        measured = values.get(bar.figure, [])
        median = f"{number(statistics.median(measured), bar.digits)} {bar.unit}" if measured else ""
        what = f"({bar.letter}) {bar.title}"
        rows.append([what, in_words(bar, values), median, spread(measured, bar.digits), answers[met(bar, values)]])
    return table(["workload", "bar", "median", "least to greatest", ""], rows)


def of_peers(results: Results) -> str:
    """A row for each of those compared, the fastest first."""
    values = results["values"]

    def cell(key: str, digits: int) -> str:
        measured = values.get(key, [])
        if not measured:
            return ""
        median, ranging = number(statistics.median(measured), digits), spread(measured, digits)
        return f"{median} ({ranging})" if ranging else median

    def rate(name: str) -> float:
        return float(statistics.median(values.get(f"drain:{name}", [0.0])))

    rows = []
    for name in sorted(results["peers"], key=rate, reverse=True):
        about = results["peers"][name]
        mine = name == "pgprocess"
        rows.append(
            [
                f"{about['title']} {next(iter(about['versions'].values()))}",
                cell(f"drain:{name}", 0),
                cell(f"pickup:{name}:median", 2),
                cell(f"pickup:{name}:p99", 2),
                cell("chain:hop" if mine else f"chain:{name}:hop", 2),
                cell("diamonds" if mine else f"diamonds:{name}", 0),
            ]
        )
    return table(["", "no-op jobs/s", "pickup, ms", "pickup p99, ms", "hop in a chain, ms", "diamonds, steps/s"], rows)


def of_settings(results: Results) -> str:
    """What each was set to."""
    lines = []
    for name, about in results["peers"].items():
        versions = ", ".join(f"{package} {version}" for package, version in about["versions"].items())
        lines.append(f"- **{about['title']}** ({versions}): {about['settings']}.{trials(results['tried'].get(name))}")
    lines += [f"- {sentence}" for sentence in results["skipped"].values()]
    return "\n".join(lines)


def trials(tried: list[tuple[Mapping[str, Any], float]] | None) -> str:
    """What else was tried, and what came of it."""
    if not tried:
        return ""
    each = (f"{', '.join(f'{k} {v}' for k, v in settings.items())}: {rate:,.0f}" for settings, rate in tried)
    return f" The best of these, in jobs/s: {'; '.join(each)}."


def of_machine(results: Results) -> str:
    """What it ran on."""
    facts = results["machine"]
    ours, shown = results["sizes"], results["postgres"]
    postgres = ", ".join(f"{name} {value}" for name, value in shown.items() if name != "server_version")
    extra = results["values"].get("drain:logged")
    logged = f" With its two log lines a task, to a file: {statistics.median(extra):,.0f} jobs/s." if extra else ""
    return (
        f"{facts['cores']} cores ({facts['processor']}), {facts['memory']}, {facts['system']}, "
        f"Python {facts['Python']}, Postgres {shown['server_version']} on the same machine ({postgres}). "
        f"Rounds: {results['rounds']}; {ours['jobs']:,} jobs each ({ours['slow_jobs']:,} of those that do less than "
        f"some thousands a second), {ours['samples']} pickups each; measured on {results['date']}. "
        f"Sync callables of pgprocess run in {results['slots']} threads.{logged}"
    )


def text(results: Results) -> str:
    """Everything, as it stands in docs/benchmarks.md between the two marks."""
    parts = [PICTURE, of_peers(results), of_bars(results), "Set up so:", of_settings(results), of_machine(results)]
    failures = [f"- {name}: {words.splitlines()[0]}" for name, words in results["failures"].items()]
    return "\n\n".join([*parts, *(["Failed:\n\n" + "\n".join(failures)] if failures else [])])


def insert(page: str, results: Results) -> str:
    """The page, with what stood between its marks replaced."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    assert END in rest, "the page has lost its marks"
    return f"{before}{BEGIN}\n\n{text(results)}\n\n{END}{after}"
