"""CONTRIBUTING.md: its map is the tree, its layers are those that are checked, and what it names is there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from tests.docs.pages import ROOT, rows

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGE = ROOT / "pgprocess"
HOUSE_WORDS = {
    *("agenda", "outbox", "outcome", "runner", "rescue", "release", "tick", "unfold", "advance", "settle"),
    *("wake", "heartbeat", "service", "lane", "watermark"),
}


def section(title: str) -> str:
    return TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def the_map() -> str:
    return section("The rooms").partition("```\n")[2].partition("```")[0]


def groups(rooms: str) -> list[set[str]]:
    """The rooms of each group of the map; folders within a room are not among them."""
    return [{line.split()[0] for line in group.splitlines() if line[0] != " "} for group in rooms.split("\n\n")]


def folders(parent: Path) -> set[str]:
    return {path.name for path in parent.iterdir() if path.is_dir() and path.name != "__pycache__"}


def test_the_map_has_a_line_for_every_room_and_no_others() -> None:
    files = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}
    lines = [line.split()[0] for line in the_map().splitlines() if line and line[0] != " "]
    assert sorted(lines) == sorted(folders(PACKAGE) | files)


def test_the_map_has_a_line_for_every_room_of_the_admin_and_no_others() -> None:
    lines = re.findall(r"^  (\w+) ", the_map(), flags=re.MULTILINE)
    assert sorted(lines) == sorted(folders(PACKAGE / "admin"))


def test_every_line_of_the_map_says_what_is_there() -> None:
    for line in the_map().splitlines():
        assert not line or len(line.split()) > 3, line


def test_the_groups_of_the_map_are_the_layers_that_are_checked() -> None:
    contract = next(each for each in PROJECT["tool"]["importlinter"]["contracts"] if each["type"] == "layers")
    layers = [set(layer.split(" | ")) for layer in contract["layers"]]
    *others, last = groups(the_map())
    assert others == layers
    assert set(contract["exhaustive_ignores"]) <= last


def test_every_file_that_is_named_is_there() -> None:
    named = set(re.findall(r"`((?:pgprocess|tests|docs)/[\w./-]+)`", TEXT))
    assert "pgprocess/sql/functions/advance.sql" in named
    invented = {"pgprocess/sql/functions/NAME.sql", "pgprocess/NAME", "tests/NAME"}
    assert [name for name in sorted(named - invented) if not (ROOT / name).exists()] == []


def test_every_target_of_make_that_is_named_is_there() -> None:
    targets = set(re.findall(r"^(\w[\w-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z-]+)`", TEXT))
    assert {"test", "check", "freeze"} <= named <= targets


def test_the_table_of_times_has_every_folder_of_tests() -> None:
    told = {name for row in rows(TEXT, "folders of tests") for name in re.findall(r"`(\w+)`", row[0])}
    assert told == {path.parent.name for path in (ROOT / "tests").glob("*/test_*.py")} | {"benchmarks"}


def test_the_words_of_this_house_are_explained() -> None:
    explained = {word for row in rows(TEXT, "word") for word in row[0].split(", ")}
    assert explained >= HOUSE_WORDS


def test_the_linter_points_to_a_section_that_is_there() -> None:
    banned = PROJECT["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-api"]
    for api in banned.values():
        [heading] = re.findall(r'see "(.+)" in CONTRIBUTING\.md', api["msg"])
        assert section(heading)


def test_the_rooms_that_may_touch_the_database_are_those_that_the_linter_lets() -> None:
    ignores = PROJECT["tool"]["ruff"]["lint"]["per-file-ignores"]
    [allowed] = re.findall(
        r"pgprocess/\{([\w,]+)\}/\*", " ".join(key for key, rules in ignores.items() if "TID251" in rules)
    )
    told = re.findall(r"`(\w+)`", section("Who may touch the database").partition(" may,")[0])
    assert sorted(told) == sorted(allowed.split(","))
