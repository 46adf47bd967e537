"""What ``import pgprocess`` gives, and that it gives it anywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from types import ModuleType

import pgprocess


def test_all_names_the_public_names_and_no_others() -> None:
    public = {
        name
        for name, value in vars(pgprocess).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }
    assert set(pgprocess.__all__) == public
    assert list(pgprocess.__all__) == sorted(pgprocess.__all__)


def test_the_names_that_scripts_rely_on_are_there() -> None:
    assert {"task", "current", "Retry", "Skip", "Fail", "PgprocessError"} <= set(pgprocess.__all__)


def test_importing_needs_no_settings_and_leaves_the_models_alone() -> None:
    code = "import sys, pgprocess; print('django.db' in sys.modules, pgprocess.current)"
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("DJANGO_", "PGPROCESS_"))}
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert (ran.stdout, ran.stderr) == ("False <no current run>\n", "")


def test_the_version_is_a_plain_assignment_for_the_build() -> None:
    with open(pgprocess.__file__) as file:
        assert f'__version__ = "{pgprocess.__version__}"\n' in file.readlines()
