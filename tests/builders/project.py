"""A Django project in a folder, on a database of its own, for installations that tests/settings.py is not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg

from pgprocess.devtools.url import database_settings

MANAGE = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project")
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""
SETTINGS: dict[str, Any] = {
    "SECRET_KEY": "x",
    "USE_TZ": True,
    "ROOT_URLCONF": "urls",
    "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
    "INSTALLED_APPS": ["django.contrib.auth", "django.contrib.contenttypes", "pgtrigger", "pgprocess"],
    "TEMPLATES": [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
}


class Project:
    """A project in ``folder``, whose default database is ``name``; ``settings`` are Django's."""

    def __init__(self, folder: Path, connection: psycopg.Connection[Any], name: str, template: str = "") -> None:
        self.folder = folder
        self.name = name
        self.connection = connection
        connection.execute(f"CREATE DATABASE {name} {template}")
        self.database = database_settings(os.environ["PGPROCESS_DATABASE_URL"]) | {"NAME": name}
        (folder / "manage.py").write_text(MANAGE)
        (folder / "urls.py").write_text("urlpatterns = []")
        self.write()

    def write(self, database: dict[str, Any] | None = None, **settings: Any) -> None:
        """Write the settings, with these changes."""
        databases = {"default": self.database | (database or {})}
        lines = [f"{key} = {value!r}" for key, value in (SETTINGS | {"DATABASES": databases} | settings).items()]
        (self.folder / "project.py").write_text("\n".join(lines))

    def run(self, *arguments: str) -> tuple[int, str]:
        """Run ``manage.py``; return its exit code and what it wrote."""
        env = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        env["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        command = [sys.executable, "-W", "ignore", "manage.py", *arguments]
        done = subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True, timeout=300)
        return done.returncode, done.stdout + done.stderr

    def manage(self, *arguments: str) -> str:
        """Run ``manage.py``, which succeeds; return what it wrote."""
        code, said = self.run(*arguments)
        assert code == 0, said
        return said

    def python(self, code: str) -> str:
        """Run code where Django is ready."""
        file = self.folder / "probe.py"
        file.write_text(f"import pgprocess.env\n{code}")
        env = os.environ | {"DJANGO_SETTINGS_MODULE": "project"}
        env["PYTHONPATH"] = os.pathsep.join([str(self.folder), *(path for path in sys.path if path)])
        command = [sys.executable, "-W", "ignore", str(file)]
        done = subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def connect(self) -> psycopg.Connection[Any]:
        """Connect to the project's database."""
        return psycopg.connect(
            dbname=self.name,
            user=self.database.get("USER") or None,
            password=self.database.get("PASSWORD") or None,
            host=self.database.get("HOST") or None,
            port=self.database.get("PORT") or None,
            autocommit=True,
        )

    def drop(self) -> None:
        """Drop the database."""
        self.connection.execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")


RUN = """
from pgprocess.models import Job, JobTask, Process, Task
process = Process.objects.create(name="p")
first = Task.objects.create(process=process, name="script", code="print('hello')")
second = Task.objects.create(process=process, name="sql", kind="sql", code="SELECT current_user::text AS name")
second.dependencies.create(parent=first)
Job.create(process)
from django.core.management import call_command
call_command("pgprocess_worker", once=True, verbosity=0)
print(*[f"{task.task}: {task.status}{task.error}" for task in JobTask.objects.order_by("pk")], sep=", ")
"""
RAN = "script: succeeded, sql: succeeded\n"
