"""The rules: what must hold whoever writes, and the views for people. A frozen copy of each lies in ``sql/``."""

from django.db import migrations

from pgprocess.sql.operations import InstallSQL

RULES = [
    # pure
    "status_class",
    "transition_allowed",
    "trigger_rule_decision",
    "overlap_decision",
    "next_status",
    "waiting_forever",
    "now",
    # a definition
    "newest_version",
    "make_version",
    "find_cycle",
    "refuse_cycle",
    "reschedule",
    "has_ended",
    # a job
    "active_edges",
    "start_buffered_jobs",
    "start_job",
    "pause_after_failures",
    "job_ended_effects",
    "job_after_update",
    "job_before_insert",
    "job_before_update",
    "job_verdict",
    "cancel",
    # a job task
    "keep_attempt",
    "jobtask_before_update",
    "send_back",
    "map_problem",
    "resize_mapped",
    "drop_items",
    "parent_results",
    "expand_mapped",
    "unfold",
    "settle",
    "finish_jobs",
    "wake",
    "advance",
    "jobtask_after_update",
    "recount_parents",
    "recount_job",
    "jobtask_after_delete",
    "worker_after_delete",
    # for people
    "ready_lanes",
    "ready_since",
    "seconds_until",
    "silent",
    "served",
    "parents_open",
    "why_buffered",
    "waiting_for",
    "waiting_because",
    "job_overview",
    "jobtask_overview",
    "queue_overview",
    "schedule_overview",
]


class Migration(migrations.Migration):
    dependencies = [("pgprocess", "0001_initial")]

    operations = [InstallSQL(f"0002_{name}") for name in ("tables", *RULES, "storage", "keys", "rights")]
