"""The Python on these pages runs, from the top of each page to its end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

import pgprocess
from pgprocess import models
from tests.builders.drawing import DrawnJob, on_django
from tests.docs.pages import DOCS, ROOT, blocks

PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]


@pytest.fixture
def names(db: None) -> dict[str, Any]:
    """The names that the pages take for granted: a process, and a job of it in which ``extract`` has failed."""
    run = DrawnJob(on_django(), "extract -> load")
    run.do("extract", "failed")
    job = models.Job.objects.get(pk=run.id)
    return {
        **{name: getattr(models, name) for name in models.__all__},
        **{name: getattr(pgprocess, name) for name in pgprocess.__all__},
        "job": job,
        "jobtask": job.tasks.get(task__name="extract"),
        "process": job.process,
        "tomorrow": now() + timedelta(days=1),
    }


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_what_stands_in_a_block_runs(path: Any, names: dict[str, Any]) -> None:
    for block in blocks(path.read_text(encoding="utf-8")):
        if block.language == "python" and "from process" not in block.text:
            place = f"{path.name}, line {block.line}"
            exec(compile(block.text, place, "exec"), names | {"__name__": f"docs_{path.stem}"})
