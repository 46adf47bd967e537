"""A project's own test run: what tasks do there, they do in the test database, whatever process they run in."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pgprocess.devtools.url import database_settings

SETTINGS = """
SECRET_KEY = "x"
USE_TZ = True
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "pgtrigger", "pgprocess", "shop"]
DATABASES = {"default": %r}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
"""
MANAGE = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project")
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""
COMMAND = """
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand

class Command(BaseCommand):
    def handle(self, *args, **options):
        User.objects.create(username="command")
"""
TESTS = """
import sys
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import TransactionTestCase
from pgprocess.models import Job, JobTask, Process, Task

SCRIPT = "import pgprocess.env\\nfrom django.contrib.auth.models import User\\nUser.objects.create(username=%r)"

class Tests(TransactionTestCase):
    def test_tasks(self):
        process = Process.objects.create(name="p")
        Task.objects.create(process=process, name="script", code=SCRIPT % "script")
        Task.objects.create(process=process, name="other", code=SCRIPT % "other", interpreter=sys.executable)
        Task.objects.create(process=process, name="command", kind="command", target="shop_user")
        sql = "INSERT INTO auth_user (username, password, is_superuser, first_name, last_name, email, is_staff, " \\
              "is_active, date_joined) VALUES ('sql', '', false, '', '', '', false, true, now())"
        Task.objects.create(process=process, name="sql", kind="sql", code=sql)
        job, _ = Job.create(process)
        call_command("pgprocess_worker", once=True, verbosity=0)
        ended = {task.task.name: task.status + task.error for task in JobTask.objects.select_related("task")}
        assert set(ended.values()) == {"succeeded"}, ended
        names = set(User.objects.values_list("username", flat=True))
        assert names == {"script", "other", "command", "sql"}, names
"""


@pytest.fixture
def project(tmp_path: Path, connect: Callable[..., psycopg.Connection[Any]]) -> Any:
    """A project with a database of its own, which has the tables and no row."""
    name = f"users_{os.getpid()}"
    with connect() as connection:
        connection.execute(f"CREATE DATABASE {name}")
    database = database_settings(os.environ["PGPROCESS_DATABASE_URL"]) | {"NAME": name}
    (tmp_path / "project.py").write_text(SETTINGS % database)
    (tmp_path / "manage.py").write_text(MANAGE)
    commands = tmp_path / "shop" / "management" / "commands"
    commands.mkdir(parents=True)
    for folder in (commands, commands.parent, commands.parents[1]):
        (folder / "__init__.py").touch()
    (commands / "shop_user.py").write_text(COMMAND)
    (tmp_path / "shop" / "tests.py").write_text(TESTS)
    yield tmp_path
    with connect() as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        connection.execute(f"DROP DATABASE IF EXISTS test_{name} WITH (FORCE)")


def manage(folder: Path, *arguments: str) -> str:
    env = {name: value for name, value in os.environ.items() if name not in ("DJANGO_SETTINGS_MODULE",)}
    env["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=folder, env=env, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_scripts_and_commands_of_a_test_run_stay_in_its_test_database(project: Path) -> None:
    manage(project, "migrate", "--verbosity", "0")
    assert "OK" in manage(project, "test", "shop", "--noinput")
    count = "from django.contrib.auth.models import User; print(User.objects.count())"
    assert manage(project, "shell", "-v0", "-c", count) == "0\n"
