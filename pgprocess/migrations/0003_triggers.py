"""When each rule is called. Written by make initial."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("pgprocess", "0002_rules"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="process",
            trigger=pgtrigger.compiler.Trigger(
                name="notice",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM pg_notify('pgprocess_cron', '') FROM (SELECT FROM new_rows WHERE is_active AND (minute, hour, day_of_month, month, day_of_week) <> ('', '', '', '', '') LIMIT 1) AS scheduled; RETURN NULL;",
                    hash="bb17867db92ecd3cb82971ea1d650f1df05d72e6",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_notice_e089d",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="pgprocess_process",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="process",
            trigger=pgtrigger.compiler.Trigger(
                name="reschedule",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."day_of_month" IS DISTINCT FROM (NEW."day_of_month") OR OLD."day_of_week" IS DISTINCT FROM (NEW."day_of_week") OR OLD."end_at" IS DISTINCT FROM (NEW."end_at") OR OLD."hour" IS DISTINCT FROM (NEW."hour") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."minute" IS DISTINCT FROM (NEW."minute") OR OLD."month" IS DISTINCT FROM (NEW."month") OR OLD."start_at" IS DISTINCT FROM (NEW."start_at") OR OLD."timezone" IS DISTINCT FROM (NEW."timezone"))',
                    func="NEW := pgprocess_reschedule(NEW); RETURN NEW;",
                    hash="1b2f803c822843d128b552236b5d58331bc63e98",
                    operation="UPDATE",
                    pgid="pgtrigger_reschedule_296b1",
                    table="pgprocess_process",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="process",
            trigger=pgtrigger.compiler.Trigger(
                name="resume",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NEW."is_active" AND NOT OLD."is_active")',
                    func="PERFORM pgprocess_release(NEW.id, NULL); RETURN NULL;",
                    hash="73674aee3588f57e5355c42f712794c575f6f6d5",
                    operation="UPDATE",
                    pgid="pgtrigger_resume_7c45f",
                    table="pgprocess_process",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="job",
            trigger=pgtrigger.compiler.Trigger(
                name="unfold",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM pgprocess_unfold(ARRAY(SELECT id FROM new_rows WHERE status = 'running' ORDER BY id)); PERFORM pgprocess_release(process_id, backfill_id) FROM (SELECT DISTINCT process_id, backfill_id FROM new_rows WHERE buffered ORDER BY 1, 2) AS line; RETURN NULL;",
                    hash="5c330e9f6d57ac666bd93769f05641b3f17e62ce",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_unfold_d8059",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="pgprocess_job",
                    when="AFTER",
                ),
            ),
        ),
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
                name="cancel",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NEW."status" = \'cancelled\' AND OLD."status" IS DISTINCT FROM (NEW."status"))',
                    func="PERFORM pgprocess_cancel(NEW.id); RETURN NULL;",
                    hash="544634281652302ecd934ac5efcf0f9216ce5244",
                    operation="UPDATE",
                    pgid="pgtrigger_cancel_95aba",
                    table="pgprocess_job",
                    when="AFTER",
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
            model_name="job",
            trigger=pgtrigger.compiler.Trigger(
                name="gone",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.status = 'running' AND NOT OLD.buffered)",
                    func="PERFORM pgprocess_release(OLD.process_id, OLD.backfill_id); RETURN NULL;",
                    hash="f6394e12973958c556b14f22c86d92084a20bb66",
                    operation="DELETE",
                    pgid="pgtrigger_gone_69298",
                    table="pgprocess_job",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="job",
            trigger=pgtrigger.compiler.Trigger(
                name="start",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.buffered AND NOT NEW.buffered AND OLD.status = NEW.status AND OLD.backfill_id IS NOT DISTINCT FROM NEW.backfill_id)",
                    func="PERFORM pgprocess_start(NEW); RETURN NULL;",
                    hash="6e6014539f82f98736ecff80a6e24f57cc8f90cb",
                    operation="UPDATE",
                    pgid="pgtrigger_start_e41eb",
                    table="pgprocess_job",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="job",
            trigger=pgtrigger.compiler.Trigger(
                name="unfold_after_all",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.\"status\" = 'running' AND OLD.\"status\" = 'skipped')",
                    func="PERFORM pgprocess_unfold(ARRAY[NEW.id]); RETURN NULL;",
                    hash="ff2da373ac0d81a46bb0b5ffcd0d6f8a7c3030a4",
                    operation="UPDATE",
                    pgid="pgtrigger_unfold_after_all_aedbe",
                    table="pgprocess_job",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="backfill",
            trigger=pgtrigger.compiler.Trigger(
                name="release",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."concurrency" IS DISTINCT FROM (NEW."concurrency"))',
                    func="PERFORM pgprocess_release(NEW.process_id, NEW.id); RETURN NULL;",
                    hash="602c0febd2d54a74f3eee8d764851955846fb96c",
                    operation="UPDATE",
                    pgid="pgtrigger_release_a35ac",
                    table="pgprocess_backfill",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="taskdependency",
            trigger=pgtrigger.compiler.Trigger(
                name="acyclic_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM pgprocess_acyclic(ARRAY(SELECT id FROM new_rows)); RETURN NULL;",
                    hash="b2b7ebb2b717dbe23763fa93936c587cf20e9c42",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_acyclic_insert_69265",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="pgprocess_taskdependency",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="taskdependency",
            trigger=pgtrigger.compiler.Trigger(
                name="acyclic_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM pgprocess_acyclic(ARRAY(SELECT id FROM new_rows)); RETURN NULL;",
                    hash="f14aee4daafb96597dd94bd55c3e335d2930d43e",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_acyclic_update_ee70e",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="pgprocess_taskdependency",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="taskversion",
            trigger=pgtrigger.compiler.Trigger(
                name="immutable",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="22fa473a7441ed06e1a86c2bbf94fb1caeccc620",
                    operation="UPDATE",
                    pgid="pgtrigger_immutable_7c31d",
                    table="pgprocess_taskversion",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="task",
            trigger=pgtrigger.compiler.Trigger(
                name="version_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM pgprocess_version(ARRAY(SELECT id FROM new_rows ORDER BY id)); RETURN NULL;",
                    hash="f22e595bf983d52d46374a31f7b80fcf06205381",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_version_insert_4c0c4",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="pgprocess_task",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="task",
            trigger=pgtrigger.compiler.Trigger(
                name="version_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM pgprocess_version(ARRAY(SELECT id FROM new_rows ORDER BY id)); RETURN NULL;",
                    hash="8992816d0403d58365290cb15da387d24677606b",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_version_update_ac01e",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="pgprocess_task",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="jobtask",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."status" IS DISTINCT FROM (NEW."status"))',
                    execute="pgprocess_become()",
                    func="RETURN NULL;",
                    hash="868b88e8085f3209dc325d3585e7ca73da510db6",
                    operation="UPDATE",
                    pgid="pgtrigger_guard_d4a91",
                    table="pgprocess_jobtask",
                    when="BEFORE",
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
    ]
