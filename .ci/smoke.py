"""Run one process with an installed pgprocess: ``python -I .ci/smoke.py VERSION``.

The project, its database and its Postgres are made here and are gone afterwards. ``-I`` keeps this folder, and with it
the sources, from the import path.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = {
    "settings.py": """
import os
from pgprocess.devtools.url import database_settings

SECRET_KEY = "smoke"
USE_TZ = True
DATABASES = {"default": database_settings(os.environ["PGPROCESS_DATABASE_URL"])}
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "pgtrigger", "pgprocess", "shop"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
""",
    "shop/__init__.py": "",
    "shop/tasks.py": """
from pgprocess import task

@task
def load(context):
    return {"loaded": context.parents["extract"]["rows"]}
""",
    "build.py": """
from pgprocess.models import Job, Process, Task, TaskDependency

CODE = "import os, pathlib, pgprocess.env; pathlib.Path(os.environ['PGPROCESS_RESULT']).write_text('{\\"rows\\": 7}')"

process = Process.objects.create(name="smoke")
extract = Task.objects.create(process=process, name="extract", kind="python", code=CODE)
load = Task.objects.create(process=process, name="load", kind="callable", target="shop.tasks.load")
TaskDependency.objects.create(parent=extract, task=load)
Job.create(process)
""",
    "judge.py": """
from pgprocess.models import Job, JobTask

job, load = Job.objects.get(), JobTask.objects.get(task__name="load")
assert (job.status, load.result) == ("succeeded", {"loaded": 7}), (job.status, load.result)
""",
}


def main(version: str) -> None:
    """Migrate, run a script and a function that depends on it, and judge what became of them."""
    import pgprocess
    from pgprocess.devtools.postgres import THROWAWAY, running_postgres

    home = Path(pgprocess.__file__).parent
    assert pgprocess.__version__ == version, f"{version} is wanted, {pgprocess.__version__} is installed"
    assert home.is_relative_to(sys.prefix), f"pgprocess comes from {home}, not from {sys.prefix}"
    with tempfile.TemporaryDirectory() as folder, running_postgres(settings=THROWAWAY) as url:
        for name, text in PROJECT.items():
            (Path(folder) / name).parent.mkdir(exist_ok=True)
            (Path(folder) / name).write_text(text)
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "settings", "PGPROCESS_DATABASE_URL": url}
        environment |= {"PYTHONPATH": folder}

        def manage(*words: str, code: str = "") -> None:
            command = [sys.executable, "-m", "django", *words]
            subprocess.run(command, cwd=folder, env=environment, check=True, text=True, input=code)

        manage("check", "--fail-level", "WARNING")
        manage("makemigrations", "--check", "--dry-run", "pgprocess", "--verbosity", "0")
        manage("migrate", "--verbosity", "0")
        manage("shell", "--verbosity", "0", code=PROJECT["build.py"])
        manage("pgprocess_worker", "--max-tasks", "2")
        manage("shell", "--verbosity", "0", code=PROJECT["judge.py"])
    sys.stdout.write(f"pgprocess {version} runs a process from its wheel.\n")


if __name__ == "__main__":
    main(sys.argv[1])
