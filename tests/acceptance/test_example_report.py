"""The example's report: its figures, computed a second time, and what a browser needs to show it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from datetime import date

import pytest

from tests.acceptance.archive import WATCHED, Archive
from tests.acceptance.example import Example


@pytest.mark.usefixtures("results")
def test_the_report_shows_the_figures(example: Example, archive: Archive) -> None:
    page = example.report()
    header, *years = page.tables["volatility"]
    assert header == ["Year", *WATCHED]
    shown = {
        (currency, int(year)): float(text.rstrip("%")) / 100
        for year, *texts in years
        for currency, text in zip(WATCHED, texts, strict=True)
        if text
    }
    assert shown == pytest.approx(archive.volatilities, abs=0.000501)
    _, *months = page.tables["monthly"]
    assert len(months) == 24
    for month, *texts in months:
        for currency, text in zip(WATCHED, texts, strict=True):
            mean = archive.averages[currency, date.fromisoformat(f"{month}-01")]
            assert float(text.replace(",", "")) == pytest.approx(float(mean), rel=1e-4)
    assert page.texts["rows"] == f"{len(archive.published):,}"
    assert page.tables["anomalies"][1][:2] == ["2015-01-15", "CHF"]


@pytest.mark.usefixtures("results")
def test_the_report_needs_nothing_but_the_stylesheet_beside_it(example: Example) -> None:
    page = example.report()
    assert not {"script", "style", "img", "iframe"} & {tag for tag, _ in page.tags}
    names = {name for _, attributes in page.tags for name in attributes}
    assert "style" not in names
    assert not [name for name in names if name.startswith("on")]
    (stylesheet,) = (attributes["href"] for tag, attributes in page.tags if tag == "link")
    assert (example.folder / "reports" / str(stylesheet)).read_text().startswith("/*")


@pytest.mark.usefixtures("results")
def test_every_chart_is_well_formed_and_says_what_it_shows(example: Example) -> None:
    charts = re.findall(r'<svg class="chart".*?</svg>', example.report().html, re.DOTALL)
    assert len(charts) == 3
    for chart in charts:
        svg = ElementTree.fromstring(chart)
        labels = {element.get("id"): element.text for element in svg if element.tag in ("title", "desc")}
        assert all(labels[name] for name in svg.attrib["aria-labelledby"].split())
