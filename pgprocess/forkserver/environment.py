"""What a new Python needs to find the same project, and the same settings, as the present one."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path


def environment() -> dict[str, str]:
    """The present environment, for a Python of the same kind."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(_import_path())} | _settings_module()


def project_path() -> list[str]:
    """Where this process imports the project from, without Python's own folders: a script may have others."""
    return [folder for folder in _import_path() if not {"site-packages", "dist-packages"} & set(Path(folder).parts)]


def stream(number: int) -> int | None:
    """Our stdout or stderr for Popen to hand on: a daemon may have closed it."""
    try:
        os.fstat(number)
    except OSError:
        return subprocess.DEVNULL
    return None


def _import_path() -> list[str]:
    """Where this process imports from, but for what its Python knows by itself."""
    own = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))
    entries = (os.path.abspath(entry) for entry in sys.path)
    return [entry for entry in entries if os.path.exists(entry) and not entry.startswith(own)]


def _settings_module() -> dict[str, str]:
    from django.conf import settings

    module = getattr(settings, "SETTINGS_MODULE", "") if settings.configured else ""
    return {"DJANGO_SETTINGS_MODULE": module} if module else {}
