"""Make Django ready by ``import pgprocess.env``, in any script, wherever it is started from.

The settings are those of DJANGO_SETTINGS_MODULE; without it those that the project's manage.py names. The project is
the folder of the nearest manage.py at or above the current folder, else at or above the script's. Where Django is
ready already, the import does nothing.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings

from pgprocess.exceptions import ConfigurationError

VARIABLE = "DJANGO_SETTINGS_MODULE"


def setup() -> None:
    """Make Django ready. Raises :class:`ConfigurationError` if no settings are found."""
    if apps.ready or apps.loading:  # loading: an app imports this module while Django gets ready
        return
    if not (settings.configured or os.environ.get(VARIABLE)):
        _enter_project()
    try:
        django.setup()
    except ModuleNotFoundError as error:
        module = os.environ.get(VARIABLE, "")
        if not error.name or not f"{module}.".startswith(f"{error.name}."):
            raise  # the settings module is there; something that it imports is not
        raise ConfigurationError(
            f"{VARIABLE} is {module!r}, which can't be imported: put the project's folder on PYTHONPATH."
        ) from error


def _enter_project() -> None:
    """Name the nearest project's settings, and put its folder on the path."""
    for file in _manage_files():
        if module := settings_named_in(file.read_bytes()):
            os.environ[VARIABLE] = module
            sys.path.insert(0, str(file.parent))
            return
    raise ConfigurationError(
        f"No Django settings were found: set {VARIABLE}, or start the script in a folder with a manage.py "
        "that names them, or below one."
    )


def _manage_files() -> Iterator[Path]:
    for start in (Path.cwd(), Path(sys.argv[0]).resolve().parent):
        for folder in (start, *start.parents):
            if (file := folder / "manage.py").is_file():
                yield file


def settings_named_in(source: bytes) -> str | None:
    """Return the settings module that a manage.py sets, without running it; None if it is no plain text there."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return None
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="setdefault"),
                args=[ast.Constant(value="DJANGO_SETTINGS_MODULE"), ast.Constant(value=str(module))],
            ):
                return module
            case ast.Assign(
                targets=[ast.Subscript(slice=ast.Constant(value="DJANGO_SETTINGS_MODULE"))],
                value=ast.Constant(value=str(module)),
            ):
                return module
    return None


setup()
