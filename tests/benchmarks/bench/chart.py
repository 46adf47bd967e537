"""Results as a picture for light and dark pages. Pure: from the stored results to SVG."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

WIDTH, LABELS, FIGURES, ROW, HEAD = 760, 150, 120, 26, 34
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#57606a}.head{font-weight:600}.ours{fill:#0969da}.others{fill:#8c959f}"
    "text.us{fill:#0969da;font-weight:600}.range{stroke:#57606a;stroke-width:1.5}"
    "@media(prefers-color-scheme:dark){text{fill:#9198a1}.ours{fill:#4493f8}text.us{fill:#4493f8}"
    ".others{fill:#656c76}.range{stroke:#d1d7e0}}"
)
Scale = Callable[[float], float]


def svg(results: Mapping[str, Any]) -> str:
    """Two panels: how many jobs a second, and how soon a job begins."""
    values, titles = results["values"], {name: about["title"] for name, about in results["peers"].items()}
    rates = {name: values[f"drain:{name}"] for name in titles if f"drain:{name}" in values}
    waits = {name: values[f"pickup:{name}:median"] for name in titles if f"pickup:{name}:median" in values}
    top, parts = 0, []
    for head, measured, least_is_best in (
        ("No-op jobs a second, one worker process: more is better", rates, False),
        ("Milliseconds until an idle worker begins a job, logarithmic: less is better", waits, True),
    ):
        if measured:
            parts.append(panel(head, measured, titles, top, least_is_best))
            top += HEAD + ROW * len(measured) + 14
    title = "pgprocess beside other queues"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{WIDTH}" height="{top}" '
        f'viewBox="0 0 {WIDTH} {top}"><title>{title}</title><style>{STYLE}</style>{"".join(parts)}</svg>\n'
    )


def panel(head: str, measured: Mapping[str, list[float]], titles: Mapping[str, str], top: int, less: bool) -> str:
    """A bar for each, the best first; the line across its end is from the least to the greatest."""
    best_first = sorted(measured, key=lambda name: statistics.median(measured[name]), reverse=not less)
    highest = max(max(values) for values in measured.values())
    scale = logarithmic(min(min(values) for values in measured.values()), highest) if less else linear(highest)
    parts = [f'<text class="head" x="0" y="{top + 18}">{escape(head)}</text>']
    for row, name in enumerate(best_first):
        values, y = measured[name], top + HEAD + row * ROW
        median, ours = statistics.median(values), name == "pgprocess"
        end, middle = LABELS + scale(median), y + ROW / 2 - 2
        figure = f"{median:,.1f} ms" if less else f"{median:,.0f}"
        parts.append(
            f'<text class="{"us" if ours else ""}" x="{LABELS - 10}" y="{y + 15}" text-anchor="end">'
            f"{escape(titles[name])}</text>"
            f'<rect class="{"ours" if ours else "others"}" x="{LABELS}" y="{y + 2}" width="{end - LABELS:.1f}" '
            f'height="{ROW - 8}" rx="2"/>'
            f'<path class="range" d="M{LABELS + scale(min(values)):.1f} {middle:.1f}'
            f'H{LABELS + scale(max(values)):.1f}"/>'
            f'<text x="{LABELS + scale(max(values)) + 8:.1f}" y="{y + 15}">{figure}</text>'
        )
    return "".join(parts)


def linear(highest: float) -> Scale:
    """From 0 to the whole width."""
    return lambda value: value / highest * (WIDTH - LABELS - FIGURES)


def logarithmic(lowest: float, highest: float) -> Scale:
    """From half of the lowest to the whole width."""
    begin, end = math.log(lowest / 2), math.log(max(highest, lowest * 2))
    return lambda value: (math.log(value) - begin) / (end - begin) * (WIDTH - LABELS - FIGURES)
