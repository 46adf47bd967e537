"""docs/capacity.md: its queries run, and the benchmark finds the places of its tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.growth.table import put
from tests.builders.drawing import on_django
from tests.docs.pages import DOCS, Block, blocks, page

PAGE = "capacity.md"
QUERIES = [block for block in blocks(page(PAGE)) if block.language == "sql"]


@pytest.mark.parametrize("block", QUERIES, ids=lambda block: f"line {block.line}")
@pytest.mark.django_db
def test_what_is_to_be_watched_can_be_asked(block: Block) -> None:
    on_django()(block.text)


@pytest.mark.parametrize("name", ["figures", "disk", "costs"])
def test_the_benchmark_finds_the_place_of_its_table(name: str, tmp_path: Path) -> None:
    copy = tmp_path / PAGE
    copy.write_text((DOCS / PAGE).read_text(encoding="utf-8"), encoding="utf-8")
    put(copy, name, "| a table |")
    assert "| a table |" in copy.read_text(encoding="utf-8")
