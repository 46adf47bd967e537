"""The rules: what must hold whoever writes, and the views for people."""

from django.db import migrations

from pgprocess.operations import InstallSQL

RULES = [
    # pure
    "class",
    "decision",
    "next",
    # a definition
    "newest",
    "version",
    "circle",
    "acyclic",
    "reschedule",
    # a job
    "begin",
    "edges",
    "unfold",
    "verdict",
    "conclude",
    "cancel",
    # a job task
    "guard",
    "keep",
    "stamp",
    "send_back",
    "unmappable",
    "multiply",
    "expand",
    "settle",
    "finish",
    "wake",
    "results",
    "advance",
    # for people
    "seconds_until",
    "parents_open",
    "served",
    "job_overview",
    "jobtask_overview",
    "queue_overview",
    "schedule_overview",
]


class Migration(migrations.Migration):
    dependencies = [("pgprocess", "0001_initial")]

    operations = [InstallSQL("0002_tables"), *[InstallSQL(f"0002_{name}") for name in RULES]]
