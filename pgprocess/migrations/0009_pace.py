"""Every claim and every end costs less: rules that fire for each row call no other, and ends are looked at together."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from pgprocess.operations import InstallSQL


STORAGE = """
ALTER TABLE pgprocess_jobtask SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, vacuum_truncate = off);
ALTER TABLE pgprocess_job SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, vacuum_truncate = off);
"""

STORED_BEFORE = """
ALTER TABLE pgprocess_jobtask SET (fillfactor = 60);
ALTER TABLE pgprocess_jobtask RESET (vacuum_truncate);
ALTER TABLE pgprocess_job RESET (vacuum_truncate);
"""


class Migration(migrations.Migration):
    dependencies = [("pgprocess", "0008_offset")]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="job",
            name="guard_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="job",
            name="guard",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="job",
            name="ended",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="jobtask",
            name="advance",
        ),
        migrations.RunSQL(
            "ALTER TYPE pgprocess_change ADD ATTRIBUTE job_id bigint",
            "ALTER TYPE pgprocess_change DROP ATTRIBUTE job_id",
        ),
        InstallSQL("0009_edges", previous="0002_edges"),
        InstallSQL("0009_unfold", previous="0006_unfold"),
        InstallSQL("0009_verdict", previous="0005_verdict"),
        InstallSQL("0009_expand", previous="0002_expand"),
        InstallSQL("0009_finish", previous="0005_finish"),
        InstallSQL("0009_wake", previous="0005_wake"),
        InstallSQL("0009_results", previous="0002_results"),
        InstallSQL("0009_advance", previous="0005_advance"),
        InstallSQL("0009_job_overview", previous="0006_job_overview"),
        InstallSQL("0009_queue_overview", previous="0006_queue_overview"),
        InstallSQL("0009_begin", previous="0006_begin"),
        InstallSQL("0009_conclude", previous="0006_conclude"),
        InstallSQL("0009_over"),
        InstallSQL("0009_changed"),
        pgtrigger.migrations.AddTrigger(
            model_name="job",
            trigger=pgtrigger.compiler.Trigger(
                name="guard_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="pgprocess_begin()",
                    func="RETURN NULL;",
                    hash="16f2f5f70429143a36b80c5fce71f5c2ba8cc480",
                    operation="INSERT",
                    pgid="pgtrigger_guard_insert_994ff",
                    table="pgprocess_job",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="job",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."status" IS DISTINCT FROM (NEW."status"))',
                    execute="pgprocess_conclude()",
                    func="RETURN NULL;",
                    hash="8ec06ef2adc50b94584fa8de6782d82c86589d88",
                    operation="UPDATE",
                    pgid="pgtrigger_guard_e0e03",
                    table="pgprocess_job",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="job",
            trigger=pgtrigger.compiler.Trigger(
                name="ended",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="pgprocess_over()",
                    func="RETURN NULL;",
                    hash="0aec5fc3bf5470b1eced8be2a1d4621389c54ad3",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_ended_ac179",
                    referencing="REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
                    table="pgprocess_job",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="jobtask",
            trigger=pgtrigger.compiler.Trigger(
                name="advance",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="pgprocess_changed()",
                    func="RETURN NULL;",
                    hash="49b826f4b9702991872ede83617ee159c9b52752",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_advance_1582a",
                    referencing="REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
                    table="pgprocess_jobtask",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL(STORAGE, STORED_BEFORE),
    ]
