"""The environment in which a new Python finds the same project and the same settings as this process."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path


def own_environment() -> dict[str, str]:
    """Return the environment of this process, for another process of the same Python."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(_import_path())} | _settings_module()


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
    return {"DJANGO_SETTINGS_MODULE": module} if module else {}
