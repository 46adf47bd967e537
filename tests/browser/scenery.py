"""A night in a shop's warehouse, for pages to show: past runs, one that goes on with a failure in it, and workers."""

from __future__ import annotations

import random
from typing import Any

from pgprocess.models import Process, Worker
from tests.builders.drawing import DrawnJob, draw, on_django

DRAWING = (
    "extract_orders -> validate, extract_users -> validate, validate -> stage_users, validate -> stage_orders, "
    "extract_stock -> stage_orders, extract_stock -> report, stage_users -> join_facts, stage_orders -> join_facts, "
    "join_facts -> features, join_facts -> export_csv, features -> train_model, train_model -> report, "
    "export_csv -> report, report -> notify"
)
LEVELS = (
    "extract_orders extract_users extract_stock",
    "validate",
    "stage_users stage_orders",
    "join_facts",
    "features export_csv",
    "train_model",
    "report",
    "notify",
)
LASTS = {
    "extract_orders": 12,
    "extract_users": 3,
    "extract_stock": 48,
    "validate": 2,
    "stage_users": 19,
    "stage_orders": 22,
}
LASTS |= {"join_facts": 123, "features": 90, "export_csv": 30, "train_model": 60, "report": 20, "notify": 1}
ERROR = """Traceback (most recent call last):
  File "shop/exports.py", line 41, in export_csv
    upload(path, bucket)
  File "shop/storage.py", line 17, in upload
    raise ConnectionError(f"{bucket} does not answer")
ConnectionError: reports.example does not answer"""


def night(runs: int = 10) -> dict[str, Any]:
    """Draw the shop's process with so many past runs and a present one. Returns its rows by name."""
    execute = on_django()
    kinds = {"export_csv": {"kind": "command", "code": "", "target": "export_csv", "max_attempts": 2}}
    kinds |= {"features": {"queue": "etl"}, "train_model": {"queue": "gpu"}, "notify": {"trigger_rule": "all_done"}}
    process = draw(execute, DRAWING, kinds, name="nightly-sales")
    chance = random.Random(7)
    for past in range(runs, 0, -1):
        run = DrawnJob(execute, process, params='{"day": "2026-11-23", "password": "hunter2"}')
        failed = past == 3
        for names in LEVELS:
            bad = "export_csv" if failed and "export_csv" in names else ""
            good = " ".join(name for name in names.split() if name != bad)
            open_now = " ".join(name for name in good.split() if run.get(name) == "ready")
            run.do(open_now)
            if bad:
                run.do(bad, "failed", exit_code=2, error=ERROR)
        shift(execute, run, past * 86400, chance.uniform(0.7, 1.4))
    worker = Worker.objects.create(host="web-3", pid=4711, slots=4)
    Worker.objects.create(host="web-4", pid=120, slots=4, queues="mail,default")
    now = DrawnJob(execute, process, params='{"day": "2026-11-24", "password": "hunter2"}')
    for names in LEVELS[:4]:
        now.do(names)
    now.do("export_csv", "scheduled", error=ERROR, exit_code=2, run_at="2020-01-01")
    now.set("export_csv", "ready")
    now.set("features export_csv", "running", worker_id=worker.pk)
    shift(execute, now, 41, 1.0)
    execute(
        "UPDATE pgprocess_jobtask SET started_at = now() - interval '12 s' WHERE id = %s", [now.get("export_csv", "id")]
    )
    now.set("export_csv", "failed", exit_code=2, error=ERROR)
    write_logs(execute, now)
    Process.objects.filter(pk=process).update(minute="0", hour="2", day_of_week="1-5", timezone="Europe/Madrid")
    execute("UPDATE pgprocess_process SET next_run_at = now() + interval '3 h 12 min' WHERE id = %s", [process])
    waiting = DrawnJob(execute, draw(execute, "send", {"send": {"queue": "gpu"}}, name="mail-digest"))
    return {"process": process, "run": now, "waiting": waiting, "worker": worker}


def shift(execute: Any, run: DrawnJob, ago: float, pace: float) -> None:
    """Move a run into the past by so many seconds; each task takes as long as such tasks do."""
    starts: dict[str, float] = {}
    ends: dict[str, float] = {}
    clock = 0.0
    for names in LEVELS:
        for name in names.split():
            starts[name] = clock + 0.8
            ends[name] = starts[name] + LASTS[name] * pace
        clock = max(ends[name] for name in names.split())
    total = clock if run.job() != "running" else starts["features"] + 20
    for name in starts:
        execute(
            "UPDATE pgprocess_jobtask AS run SET started_at = now() - make_interval(secs => %s), "
            "finished_at = CASE WHEN run.finished_at IS NOT NULL THEN now() - make_interval(secs => %s) END "
            "FROM pgprocess_task AS task WHERE task.id = run.task_id AND run.job_id = %s AND task.name = %s "
            "AND run.started_at IS NOT NULL",
            [ago + total - starts[name], ago + total - ends[name], run.id, name],
        )
    execute(
        "UPDATE pgprocess_attempt SET started_at = now() - make_interval(secs => %s), "
        "finished_at = now() - make_interval(secs => %s), created_at = now() - make_interval(secs => %s) "
        "WHERE jobtask_id IN (SELECT id FROM pgprocess_jobtask WHERE job_id = %s)",
        [ago + 20, ago + 2, ago + 2, run.id],
    )
    execute(
        "UPDATE pgprocess_job SET started_at = now() - make_interval(secs => %s), created_at = now() - "
        "make_interval(secs => %s), finished_at = CASE WHEN finished_at IS NOT NULL "
        "THEN now() - make_interval(secs => %s) END WHERE id = %s",
        [ago + total, ago + total, ago, run.id],
    )


def write_logs(execute: Any, run: DrawnJob) -> None:
    """Write the output of the tasks of the present run."""
    lines = "".join(f"02:03:{10 + n}.201 INFO  fetch page {n}/60 ({2460 + 20 * n} rows)\n" for n in range(40, 44))
    texts = [
        ("features", 1, 1, "stdout", lines),
        ("features", 1, 2, "stdout", "02:03:55.010 INFO  cache hit for dim_customer\n"),
    ]
    texts += [("export_csv", n, 1, "stdout", "connecting to reports.example …\n") for n in (1, 2)]
    texts += [("export_csv", n, 2, "stderr", ERROR + "\n") for n in (1, 2)]
    for name, attempt, seq, stream, text in texts:
        execute(
            "INSERT INTO pgprocess_logchunk (jobtask_id, attempt, seq, stream, text) VALUES (%s, %s, %s, %s, %s)",
            [run.get(name, "id"), attempt, seq, stream, text],
        )
