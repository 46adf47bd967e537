"""What a worker makes sure of before it starts where code in the database is forbidden."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from pgprocess.management import strict


def test_a_folder_that_the_worker_can_write_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "scripts" / "load.sh"
    script.parent.mkdir()
    script.touch()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(strict, "_is_writable", lambda path: False)
    strict.refuse_writable([script.parent])
    for writable in (script, script.parent, tmp_path):
        monkeypatch.setattr(strict, "_is_writable", lambda path, writable=writable: path == writable)
        with pytest.raises(CommandError, match=rf"^The worker can write {writable}, and PGPROCESS"):
            strict.refuse_writable([script.parent])


def test_a_module_that_can_not_be_imported_is_told_before_the_worker_starts() -> None:
    settings = {"ALLOW_DB_CODE": False, "ALLOWED_MODULES": ["shop.*", "no.such.module"]}
    with (
        override_settings(PGPROCESS=settings),
        pytest.raises(CommandError, match=r"^PGPROCESS\['ALLOWED_MODULES'\] names 'no\.such\.module'"),
    ):
        call_command("pgprocess_worker", "--once")
