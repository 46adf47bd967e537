"""The process: which tasks, in which order, when."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import transaction

from pgprocess.models import Process, Task, TaskDependency
from pgprocess.registry import TaskFunction
from rates import tasks
from rates.currencies import WATCHED

NAME = "ecb-rates"

SCRIPTS = Path(__file__).parent / "scripts"

SCHEDULE = {
    "minute": "30",
    "hour": "16",
    "day_of_month": "*",
    "month": "*",
    "day_of_week": "1-5",
    "timezone": "Europe/Berlin",
}

VOLATILITIES = [f"{tasks.VOLATILITY}{currency.lower()}" for currency in WATCHED]

STUDIES = [*VOLATILITIES, "monthly_averages", "anomalies"]

PARENTS = {
    "extract": [],
    "validate": ["extract"],
    "load": ["validate"],
    **{study: ["load"] for study in STUDIES},
    "report": STUDIES,
}
"""Every task by name, parents first, with what it waits for."""

CALLABLES: dict[str, TaskFunction[..., Any]] = {
    "validate": tasks.validate,
    "load": tasks.load,
    **dict.fromkeys(VOLATILITIES, tasks.volatility),
    "monthly_averages": tasks.monthly_averages,
    "anomalies": tasks.anomalies,
    "report": tasks.report,
}
"""What a task runs, where that is a function of this project."""


def define() -> Process:
    """The process stands in the database as this file has it, whatever was there before."""
    with transaction.atomic():
        process, _ = Process.objects.update_or_create(
            name=NAME,
            defaults={
                "description": "Loads the European Central Bank's reference rates and reports on them.",
                **SCHEDULE,
            },
        )
        process_tasks = {name: _task(process, name) for name in PARENTS}
        process.tasks.exclude(name__in=PARENTS).update(is_active=False)  # their past runs stay
        _connect(process, process_tasks)
    return process


def _task(process: Process, name: str) -> Task:
    """The task of that name does what `_work` says."""
    policy = {"max_attempts": 2, "retry_delay": 10, "timeout": 600, "is_active": True}
    task, _ = Task.objects.update_or_create(process=process, name=name, defaults=policy | _work(name))
    return task


def _work(name: str) -> dict[str, Any]:
    """What a task runs: the script of its name, or its callable."""
    if name == "extract":
        return {"kind": "python", "code": (SCRIPTS / "extract.py").read_text()}
    return {"kind": "callable", "target": CALLABLES[name].name}


def _connect(process: Process, process_tasks: dict[str, Task]) -> None:
    """The edges between the tasks are those of `PARENTS` and no others."""
    wanted = {(process_tasks[parent].pk, task.pk) for name, task in process_tasks.items() for parent in PARENTS[name]}
    found = TaskDependency.objects.filter(task__process=process)
    have = {(edge.parent_id, edge.task_id): edge.pk for edge in found}
    found.filter(pk__in=[pk for ends, pk in have.items() if ends not in wanted]).delete()
    TaskDependency.objects.bulk_create(
        TaskDependency(parent_id=parent, task_id=task) for parent, task in sorted(wanted - have.keys())
    )
