"""``import pgprocess.env`` makes Django ready in any script."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from pgprocess.env import settings_named_in

ROOT = Path(__file__).parents[2]

MANAGE = """
    import os, sys
    os.environ["WAS_RUN"] = "manage.py"
    if __name__ == "__main__":
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings.production")
"""
SCRIPT = """
    import os
    import pgprocess.env
    from django.apps import apps
    from django.conf import settings
    print(apps.ready, settings.MARK, os.environ.get("WAS_RUN"))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a manage.py, settings, a script in a folder below; and a script elsewhere."""
    folder = tmp_path / "project"
    write(folder / "manage.py", MANAGE)
    write(folder / "site_settings" / "production.py", "MARK = 'production'\nSECRET_KEY = 'x'\n")
    write(folder / "site_settings" / "staging.py", "MARK = 'staging'\nSECRET_KEY = 'x'\n")
    write(folder / "app" / "scripts" / "inside.py", SCRIPT)
    write(tmp_path / "elsewhere" / "outside.py", SCRIPT)
    return folder


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text))


def python(*arguments: str | Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("DJANGO_", "PGPROCESS_"))}
    environment |= {"PYTHONPATH": str(ROOT)} | variables
    return subprocess.run([sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True)


def test_a_script_finds_the_project_that_it_is_started_in(project: Path) -> None:
    ran = python(project.parent / "elsewhere" / "outside.py", cwd=project)
    assert (ran.stdout, ran.stderr) == ("True production None\n", "")


def test_a_script_finds_the_project_above_the_current_folder(project: Path) -> None:
    ran = python(project.parent / "elsewhere" / "outside.py", cwd=project / "app" / "scripts")
    assert ran.stdout == "True production None\n"


def test_a_script_finds_the_project_that_it_lies_in(project: Path) -> None:
    ran = python(project / "app" / "scripts" / "inside.py", cwd=project.parent / "elsewhere")
    assert ran.stdout == "True production None\n"


def test_code_on_the_command_line_finds_the_project_too(project: Path) -> None:
    ran = python("-c", dedent(SCRIPT), cwd=project)
    assert ran.stdout == "True production None\n"


def test_settings_that_are_named_win(project: Path) -> None:
    ran = python(
        project / "app" / "scripts" / "inside.py",
        cwd=project,
        DJANGO_SETTINGS_MODULE="site_settings.staging",
        PYTHONPATH=f"{ROOT}{os.pathsep}{project}",
    )
    assert ran.stdout == "True staging None\n"


def test_settings_that_can_not_be_imported_are_told_in_one_sentence(project: Path) -> None:
    ran = python(project / "app" / "scripts" / "inside.py", cwd=project, DJANGO_SETTINGS_MODULE="nowhere.at_all")
    assert ran.stderr.splitlines()[-1] == (
        "pgprocess.exceptions.ConfigurationError: DJANGO_SETTINGS_MODULE is 'nowhere.at_all', "
        "which can't be imported: put the project's folder on PYTHONPATH."
    )


def test_what_the_settings_fail_to_import_is_not_hidden(project: Path) -> None:
    write(project / "site_settings" / "production.py", "import missing_library\n")
    ran = python(project / "app" / "scripts" / "inside.py", cwd=project)
    assert ran.stderr.splitlines()[-1] == "ModuleNotFoundError: No module named 'missing_library'"


def test_without_settings_the_script_is_told_what_to_do(tmp_path: Path) -> None:
    write(tmp_path / "script.py", SCRIPT)
    ran = python(tmp_path / "script.py", cwd=tmp_path)
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1] == (
        "pgprocess.exceptions.ConfigurationError: No Django settings were found: set DJANGO_SETTINGS_MODULE, "
        "or start the script in a folder with a manage.py that names them, or below one."
    )


def test_a_manage_py_that_names_none_is_passed_over(project: Path) -> None:
    write(project / "app" / "manage.py", "print('some other tool')\n")
    write(project / "app" / "scripts" / "manage.py", "this is not Python\n")
    ran = python(project / "app" / "scripts" / "inside.py", cwd=project / "app" / "scripts")
    assert ran.stdout == "True production None\n"


def test_settings_made_in_code_are_taken(tmp_path: Path) -> None:
    code = "from django.conf import settings; settings.configure(MARK='by hand')\n" + dedent(SCRIPT)
    assert python("-c", code, cwd=tmp_path).stdout == "True by hand None\n"


def test_an_app_may_import_it_while_django_gets_ready(project: Path) -> None:
    write(project / "app" / "__init__.py", "")
    write(project / "app" / "models.py", "import pgprocess.env\n")
    with (project / "site_settings" / "production.py").open("a") as file:
        file.write("INSTALLED_APPS = ['app']\n")
    ran = python(project / "app" / "scripts" / "inside.py", cwd=project)
    assert (ran.stdout, ran.stderr) == ("True production None\n", "")


def test_where_django_is_ready_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    from pgprocess import env

    def refuse() -> None:
        raise AssertionError("set up twice")

    monkeypatch.setattr("django.setup", refuse)
    env.setup()


@pytest.mark.parametrize(
    "source",
    [
        'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")',
        "environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')",
        'os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"',
        """
# os.environ.setdefault("DJANGO_SETTINGS_MODULE", "old")
def main():
    os.environ.setdefault(
        "DJANGO_SETTINGS_MODULE",
        "shop.settings",
    )
""",
    ],
)
def test_the_settings_are_read_from_manage_py_however_it_names_them(source: str) -> None:
    assert settings_named_in(source.encode()) == "shop.settings"


@pytest.mark.parametrize("source", [b"", b"\x00", b"\xff\xfe", b"def", b'os.environ.setdefault("X", "y")'])
def test_a_manage_py_that_names_no_settings_has_none(source: bytes) -> None:
    assert settings_named_in(source) is None
