"""The rules: what must hold whoever writes, and the views for people. A frozen copy of each lies in ``sql/``."""

from django.db import migrations

from pgprocess.sql.operations import InstallSQL

RULES = [
    # pure
    "class",
    "may",
    "decision",
    "next",
    "never",
    "now",
    # a definition
    "newest",
    "version",
    "circle",
    "acyclic",
    "reschedule",
    # a job
    "edges",
    "release",
    "start",
    "ended",
    "over",
    "begin",
    "conclude",
    "verdict",
    "cancel",
    # a job task
    "keep",
    "become",
    "send_back",
    "unmappable",
    "multiply",
    "results",
    "expand",
    "unfold",
    "settle",
    "finish",
    "wake",
    "advance",
    "changed",
    # for people
    "seconds_until",
    "parents_open",
    "turn",
    "served",
    "job_overview",
    "jobtask_overview",
    "queue_overview",
    "schedule_overview",
]


class Migration(migrations.Migration):
    dependencies = [("pgprocess", "0001_initial")]

    operations = [InstallSQL(f"0002_{name}") for name in ("tables", *RULES, "storage", "keys")]
