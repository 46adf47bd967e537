"""The example project as tests run it: in processes of its own, on a database of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.acceptance.page import Page

PROJECT = Path(__file__).resolve().parents[2] / "example_project"

EVERY_CALLABLE = """
import json, os, sys
import pgprocess.env
from pgprocess import Context
from rates import processes

results = {"extract": json.load(open(os.environ["PGPROCESS_RESULT"]))}
for name, parents in list(processes.PARENTS.items())[1:]:
    context = Context(
        job_id=1, jobtask_id=1, task=name, attempt=1, logical_date=None, params={},
        parents={parent: results[parent] for parent in parents},
    )
    function = processes.CALLABLES[name]
    results[name] = json.loads(json.dumps(function(context) if function.takes_context else function()))
json.dump(results, sys.stdout)
"""


@dataclass(frozen=True)
class Example:
    """The example project on a database and a folder of its own."""

    url: str
    folder: Path

    def run(self, *arguments: str) -> str:
        """What a Python command prints, run in the project's folder; it must succeed."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=PROJECT,
            env=os.environ
            | {
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "PGPROCESS_DATABASE_URL": self.url,
                "PGPROCESS_RESULT": str(self.folder / "extract.json"),
                "EXAMPLE_REPORTS": str(self.folder / "reports"),
                "EXAMPLE_WORK": str(self.folder / "work"),
                "PYTHONPATH": os.pathsep.join([str(PROJECT), str(PROJECT.parent)]),
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run_tasks(self) -> dict[str, Any]:
        """The result of each task by name: the script, then every callable, parents first."""
        self.run("rates/scripts/extract.py")
        results: dict[str, Any] = json.loads(self.run("-c", EVERY_CALLABLE))
        return results

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the database answers."""
        with psycopg.connect(self.url) as connection:
            return connection.execute(query).fetchall()

    def report(self) -> Page:
        """The only report there is."""
        (path,) = (self.folder / "reports").glob("*.html")
        return Page(path.read_text())
