"""The environment in which a new Python finds the same project and the same settings as this process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

MODULE = "DJANGO_SETTINGS_MODULE"
DATABASES = "PGPROCESS_TEST_DATABASES"
_configured: dict[str, str] = {}


def own_environment() -> dict[str, str]:
    """Return the environment of this process, for another process of the same Python."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(_import_path())} | _settings_module() | databases()


def databases() -> dict[str, str]:
    """Return the variable that leads a new process to the databases of this one, where the settings name others.

    A test run gives the connections of its process the names of test databases; empty elsewhere.
    """
    moved = {alias: name for alias, name in _names().items() if _configured.get(alias, name) != name}
    if not moved:
        return {}
    return {DATABASES: json.dumps({"settings": _settings_module().get(MODULE, ""), "names": moved})}


def enter_databases() -> None:
    """Let the connections lead where the process says that started this one; remember what the settings said."""
    from django.conf import settings

    handed = json.loads(os.environ.get(DATABASES, "{}"))
    if handed and handed["settings"] == _settings_module().get(MODULE, ""):
        for alias, name in handed["names"].items():
            if alias in settings.DATABASES:
                settings.DATABASES[alias]["NAME"] = name
    _configured.clear()
    _configured.update(_names())


def _names() -> dict[str, str]:
    """Return the name of each alias's database; a test run changes it where the connections of Django look, too."""
    from django.conf import settings

    databases = settings.DATABASES if settings.configured else {}
    return {alias: str(database.get("NAME", "")) for alias, database in databases.items()}


def project_path() -> list[str]:
    """Return the folders to import the project from, without those of installed packages: a script may use others."""
    return [folder for folder in _import_path() if not {"site-packages", "dist-packages"} & set(Path(folder).parts)]


def inherited_stream(number: int) -> int | None:
    """Return what Popen takes to hand on stdout (1) or stderr (2), or to go without: a daemon may have closed it."""
    try:
        os.fstat(number)
    except OSError:
        return subprocess.DEVNULL
    return None


def _import_path() -> list[str]:
    """Return the folders that this process imports from, without those of Python itself."""
    own = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))
    entries = (os.path.abspath(entry) for entry in sys.path)
    return [entry for entry in entries if os.path.exists(entry) and not entry.startswith(own)]


def _settings_module() -> dict[str, str]:
    from django.conf import settings

    module = getattr(settings, "SETTINGS_MODULE", "") if settings.configured else ""
    return {MODULE: module} if module else {}
