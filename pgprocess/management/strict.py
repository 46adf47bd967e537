"""Checks that a worker makes before it starts where ``ALLOW_DB_CODE`` is off."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path

from django.core.management.base import CommandError


def import_modules(names: Iterable[str]) -> None:
    """Import the modules whose functions tasks may name, so that no task has to; patterns are left out."""
    for name in names:
        if all(part.isidentifier() for part in name.split(".")):
            try:
                import_module(name)
            except Exception as error:
                raise CommandError(
                    f"PGPROCESS['ALLOWED_MODULES'] names {name!r}, which can't be imported: {error}."
                ) from error


def refuse_writable(folders: Sequence[str | os.PathLike[str]]) -> None:
    """Refuse to start where the worker could write what its tasks run as a file. Root can write everything."""
    if os.geteuid() == 0:
        return
    for folder in folders:
        if path := next((path for path in _all_of(Path(os.path.realpath(folder))) if _is_writable(path)), None):
            raise CommandError(
                f"The worker can write {path}, and PGPROCESS['ALLOW_DB_CODE'] is False: a task could write a script "
                "there that another runs. Let it belong to another account."
            )


def _all_of(folder: Path) -> Iterator[Path]:
    """Yield the folders that the folder lies in, and everything that lies in it."""
    yield from folder.parents
    for root, _folders, files in os.walk(folder):
        yield Path(root)
        yield from (Path(root, file) for file in files)


def _is_writable(path: Path) -> bool:
    """Return whether this account can write the file, or replace files in the folder that are not its own."""
    try:
        is_sticky = path.is_dir() and path.stat().st_mode & stat.S_ISVTX
    except OSError:
        return False
    return os.access(path, os.W_OK) and not is_sticky
